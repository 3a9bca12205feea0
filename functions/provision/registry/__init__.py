"""The model registry: port, MLflow adapter, and the tags that are written to it."""
