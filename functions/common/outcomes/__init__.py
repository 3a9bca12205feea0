"""Counts of the calls that reached an endpoint, and of those that failed by its fault."""
