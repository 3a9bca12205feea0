"""Lambda's address for `bench.mirrored`, in a process of its own: it accepts asynchronous calls.

`python -m bench.silent_lambda <replies>`: with `never` it takes every call and replies to none.
Prints its port.
"""

import asyncio
import sys
from functools import partial

_REPLY = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"
_TAKES_S = 0.005
"""About what Lambda takes to accept an event."""


async def serve(replies: bool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take calls on one connection until it is closed."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            if replies:
                await asyncio.sleep(_TAKES_S)
                writer.write(_REPLY)
                await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main(replies: bool) -> None:
    """Listen on a free port, which is printed."""
    server = await asyncio.start_server(partial(serve, replies), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:] != ["never"])))
