"""The whole system on this machine: the same stack on MiniStack, a real MLflow, two stand-ins."""
