"""Predictions: the route `POST /api/v1/models/{model_id}/predict`."""
