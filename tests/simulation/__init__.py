"""The control plane with everything around it in memory: registry, provider, clock, accidents."""
