"""Listening: sound as a pure function of an instance and a position."""
