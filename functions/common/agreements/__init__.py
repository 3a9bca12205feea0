"""Counts of calls that a candidate and the live deployment have both been sent."""
