"""The terminal listener: the `soundwell` command, and the protocol client that it is made of."""
