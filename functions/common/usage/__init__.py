"""Usage: what each model's callers have done, by day in UTC."""
