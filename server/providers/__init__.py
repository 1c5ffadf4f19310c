"""The outside world: ports, stand-ins that work without a key, and vendors."""
