"""Asks a server over HTTP as quickly as it answers, from a process of its own: ``python -m benchmarks.matcher_load``.

As little as one can do in Python: whole requests are written beforehand, and of an answer only its length is read. How many a
second it can ask at most is measured with a server that always answers the same: no server measured with it can show more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from time import perf_counter
from typing import cast

import numpy as np
import uvloop

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length: "
WRITTEN = 20_000  # requests, asked again from the first


class Client(asyncio.Protocol):
    """One connection; the next request is sent when the answer is whole."""

    def __init__(self, requests: list[bytes], first: int, until: float, taken: list[float]) -> None:
        self.requests, self.next, self.until, self.taken = requests, first, until, taken
        self.began, self.got, self.refused = 0.0, b"", 0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.WriteTransport, transport)  # uvloop's does not say so
        self.ask()

    def ask(self) -> None:
        request = self.requests[self.next % len(self.requests)]
        self.next += 1
        self.began = perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.got += data
        end = self.got.find(END_OF_HEAD)
        if end < 0:
            return
        at = self.got.find(LENGTH) + len(LENGTH)
        length = int(self.got[at : self.got.index(b"\r", at)])
        if len(self.got) < end + len(END_OF_HEAD) + length:
            return
        now = perf_counter()
        self.taken.append(now - self.began)
        self.refused += not self.got.startswith(b"HTTP/1.1 200")
        self.got = b""
        if now < self.until:
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def written(body: bytes, kind: str, key: str) -> bytes:
    """One request."""
    head = f"POST /v1/match HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: {kind}"
    head += f"\r\nContent-Length: {len(body)}"
    return head.encode() + END_OF_HEAD + body


def lookups(questions: Path, batch: int, key: str) -> list[bytes]:
    """Of one fingerprint each, or of ``batch``."""
    texts = [row.tobytes().hex() for row in np.load(questions, mmap_mode="r")[: max(WRITTEN, batch)]]
    if batch == 1:
        return [written(json.dumps({"pdq": text}).encode(), "application/json", key) for text in texts]
    pieces = (texts[first : first + batch] for first in range(0, len(texts) - batch + 1, batch))
    bodies = (json.dumps({"fingerprints": [{"pdq": text} for text in piece]}).encode() for piece in pieces)
    return [written(body, "application/json", key) for body in bodies]


async def load(requests: list[bytes], port: int, connections: int, seconds: float) -> dict[str, float]:
    """Ask for so long. Latencies are in milliseconds."""
    loop, taken = asyncio.get_running_loop(), list[float]()
    began = perf_counter()
    clients: list[Client] = []
    for place in range(connections):
        first = place * len(requests) // connections
        _, client = await loop.create_connection(lambda f=first: Client(requests, f, began + seconds, taken), "127.0.0.1", port)
        clients.append(client)
    await asyncio.gather(*(client.done for client in clients))
    took = perf_counter() - began
    times = np.sort(np.array(taken)) * 1e3
    return {
        "rate": len(times) / took,
        "p50_ms": float(np.percentile(times, 50)),
        "p99_ms": float(np.percentile(times, 99)),
        "slowest_ms": float(times[-1]),
        "requests": len(times),
        "refused": sum(client.refused for client in clients),
    }


def main(arguments: list[str]) -> int:
    """``PORT KEY --questions FILE.npy [--batch N] | --uploads FILE…``; prints one JSON object."""
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("key")
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--uploads", type=Path, nargs="*", default=[])
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    asked = parser.parse_args(arguments)
    if asked.uploads:
        requests = [written(path.read_bytes(), "image/jpeg", asked.key) for path in asked.uploads]
    else:
        requests = lookups(asked.questions, asked.batch, asked.key)
    sys.stdout.write(json.dumps(uvloop.run(load(requests, asked.port, asked.connections, asked.seconds))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
