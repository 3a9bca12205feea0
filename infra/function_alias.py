"""The alias by which everybody invokes a function."""

ALIAS = "live"
