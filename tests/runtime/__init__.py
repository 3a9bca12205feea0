"""Our server of the runtime `container`, as a process with a real MLflow and real models."""
