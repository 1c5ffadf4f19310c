"""What is read: pure functions from what goes on to lines, and the terminal that they are drawn on."""
