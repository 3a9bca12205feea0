"""Stand-ins for the external services, for this machine and the tests."""
