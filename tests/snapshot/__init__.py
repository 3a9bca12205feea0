"""What is in a snapshot of a function's process, and what its copies do. A fork is a restore."""
