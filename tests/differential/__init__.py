"""Our check of inputs against MLflow's own."""
