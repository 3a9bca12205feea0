"""What the API says of itself and of its models; nothing here predicts or changes anything."""
