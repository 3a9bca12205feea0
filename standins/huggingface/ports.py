"""Free TCP ports, chosen before the process that is to listen there starts."""

import random
import socket

_PORTS = range(20_000, 32_000)
"""Below the ports that systems give to outgoing connections (Linux: from 32768), so that none of
those takes a port between its choice and its use."""
_not_yet_given = iter(random.sample(_PORTS, len(_PORTS)))


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nothing listens; never the same one twice."""
    for port in _not_yet_given:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError(f"all ports of {_PORTS} are used up")
