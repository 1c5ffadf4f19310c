"""Loudness, true peak and spectrum."""
