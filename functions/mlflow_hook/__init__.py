"""MLflow's webhook: a registration becomes a record and a running workflow."""
