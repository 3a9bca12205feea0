"""`Idempotency-Key`: the same call by the same caller within an hour is answered once."""
