"""MLflow signatures: JSON Schemas of requests, checks of requests and answers."""
