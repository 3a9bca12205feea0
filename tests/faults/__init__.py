"""What a provider can do wrong, done over real sockets."""
