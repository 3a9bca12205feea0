"""Code that every function shares; it imports no function and nothing heavy."""
