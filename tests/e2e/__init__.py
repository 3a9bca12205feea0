"""The local system as a whole, through HTTP and MLflow only."""
