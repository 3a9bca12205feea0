"""The runtime under older versions of MLflow, each in an environment of its own."""
