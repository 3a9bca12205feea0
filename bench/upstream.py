"""Models' endpoints for benchmarks: the least work that HTTP allows, in a process of its own.

It answers every POST with the envelope of our server on endpoints, made once per size: `/` has one
prediction for every `ROW_BYTES` of the request, `/4000000` as many as fit into that many bytes. It
echoes the nonce of a request that has one.
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
_PREDICTION_BYTES = len(", 0.8414709848078965")
_ENVELOPE_BYTES = 300


@cache
def envelope(path: str, body_bytes: int) -> bytes:
    """Return the answer at *path* to a request of that size, but for its nonce."""
    if answer_bytes := int(path.strip("/") or 0):
        count = (answer_bytes - _ENVELOPE_BYTES) // _PREDICTION_BYTES
        predictions = [0.8414709848078965 + (row % 8) / 1e16 for row in range(count)]
    else:
        predictions = [round(0.001 * row, 3) for row in range(max(1, body_bytes // ROW_BYTES))]
    content = {"deployment_id": DEPLOYMENT_ID, "package": PACKAGE, "predictions": predictions}
    return json.dumps(content).encode()


def answer(path: str, body_bytes: int, nonce: bytes) -> bytes:
    """Return the whole response to a request of that size."""
    content = envelope(path, body_bytes)
    if nonce:
        content = b'{"nonce": "%b", %b' % (nonce, content[1:])
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(content)}"
    return f"{head}\r\n\r\n".encode() + content


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer on one connection until it is closed."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            path = head.split(b" ", 2)[1].decode()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0])
            await reader.readexactly(length)
            writer.write(answer(path, length, head.partition(_NONCE)[2].partition(b"\r\n")[0]))
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
