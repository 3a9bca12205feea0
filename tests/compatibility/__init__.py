"""Models of many Pythons, MLflows and flavors, on the local system."""
