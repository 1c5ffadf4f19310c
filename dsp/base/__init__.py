"""Types, units, keyed randomness, trajectories, parameters and PCM."""
