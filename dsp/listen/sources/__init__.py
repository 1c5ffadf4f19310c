"""Stations: noise, beds and textures as pure functions of seed and station position."""
