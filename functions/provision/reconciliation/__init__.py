"""Making reality follow the registry: what is requested, what is wrong, and putting it right."""
