"""Circuit-breaker state of endpoints, shared by all execution environments."""
