"""The six figures of a local system, drawn from its functions' log."""
