"""The outside world: what we need of it (ports), stand-ins that work without keys, and vendors."""
