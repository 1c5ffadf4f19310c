"""The gateway: protocol, sessions, streams and the pump that renders them."""
