"""The sound engine: pure functions over numpy arrays, nothing else."""
