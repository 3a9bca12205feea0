"""The packages of a model: from the lines it was logged with to a lock of files with hashes."""
