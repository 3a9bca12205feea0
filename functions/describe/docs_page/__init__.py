"""The page at `/api/v1/docs`, on which a person enters a key, chooses a model and calls it."""
