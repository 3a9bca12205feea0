"""Making reality follow the registry: what is wished, what is wrong, and putting it right."""
