"""Faults of a provider, over real sockets."""
