"""Whether a model version can be served, checked before anything is paid for."""
