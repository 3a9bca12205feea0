"""Checks of a model version before anything is paid for."""
