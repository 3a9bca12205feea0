"""Comparison of our input check with MLflow's own."""
