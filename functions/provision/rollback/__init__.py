"""When a new version is taken back for the one before it."""
