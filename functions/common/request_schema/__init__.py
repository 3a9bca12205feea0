"""What a body for predict may hold, as JSON Schema, from a model's signature in MLflow."""
