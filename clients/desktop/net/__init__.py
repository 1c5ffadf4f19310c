"""The protocol client: one line to the server that comes back, and the listening that lives on it."""
