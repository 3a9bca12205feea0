"""RetryingClient of an endpoint: retries, circuit breaker, waking of sleeping models."""
