"""A call's input, checked against the model's signature before the model is asked."""
