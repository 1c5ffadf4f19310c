"""Live listening: presets, streams, session records, the free allowance."""
