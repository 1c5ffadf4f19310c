"""The clients: the browser's page and the terminal."""
