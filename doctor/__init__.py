"""Looks at a live installation from outside and says in plain words what is missing."""
