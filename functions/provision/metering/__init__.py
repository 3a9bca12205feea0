"""Counting what endpoints cost, from what is seen of them now and then."""
