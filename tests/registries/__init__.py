"""Registries as anybody may have filled them, read by the tasks `validate` and `package`."""
