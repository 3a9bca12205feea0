"""Handlers as one would write them first, to compare ours with."""
