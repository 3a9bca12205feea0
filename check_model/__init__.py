"""Says before a registration what the service would say of a model."""
