"""A model's endpoint for benchmarks: the least work that HTTP allows, in a process of its own.

It answers every POST with the envelope of our server on endpoints, one prediction for every
`ROW_BYTES` of the request, made once per size; it echoes the nonce of a request that has one.
"""

import asyncio
import json
import sys
from functools import cache

DEPLOYMENT_ID = "11111111-2222-3333-4444-555555555555"
PACKAGE = "ab" * 32
ROW = "[5.1,3.5,1.4,0.2],"
ROW_BYTES = len(ROW)


_NONCE = b"x-hokus-nonce: "


@cache
def envelope(body_bytes: int) -> bytes:
    """Return the answer to a request of that size, but for its nonce."""
    rows = max(1, body_bytes // ROW_BYTES)
    content = {
        "deployment_id": DEPLOYMENT_ID,
        "package": PACKAGE,
        "predictions": [round(0.001 * row, 3) for row in range(rows)],
    }
    return json.dumps(content).encode()


def answer(body_bytes: int, nonce: bytes) -> bytes:
    """Return the whole response to a request of that size."""
    content = envelope(body_bytes)
    if nonce:
        content = b'{"nonce": "%b", %b' % (nonce, content[1:])
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(content)}"
    return f"{head}\r\n\r\n".encode() + content


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer on one connection until it is closed."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            writer.write(answer(length, head.partition(_NONCE)[2].partition(b"\r\n")[0]))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main() -> None:
    """Listen on a free port, which is printed."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=2**16)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
