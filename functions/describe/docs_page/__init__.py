"""The page at `/api/v1/docs`: enter a key, choose a model, call it."""
