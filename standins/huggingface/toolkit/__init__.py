"""The server inside a container; nothing of the stand-in can be imported there."""
