"""Keeping the webhook in the registry by which it reports changes to this installation."""
