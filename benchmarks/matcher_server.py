"""One worker process of a server to be measured: ``python -m benchmarks.matcher_server KIND FOLDER PORT SLOT``.

``ours``: the matcher's doors over the list in this folder. ``plain``: the same without query variants. ``constant``: the same
server with an application that always answers the same, the limit of what can be measured here. ``peer``: the same server over
the index class of ``threatexchange``, which HMA asks, unpickled from the folder as HMA does it.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from rempart.matcher.settings import ApiKey, ListSettings, Server, Settings, digest_of_key
from rempart.matcher.web.doors import Doors
from rempart.matcher.web.exchange import Receive, Scope, Send
from rempart.matcher.web.serving import listen, serve

KEY = "the key of a benchmark"
LIST = "measured"
CONSTANT = b'{"trace_id":"0123456789abcdef01234567","outcome":"accept","found":[],"unready":[]}'


class Bare:
    """An application that reads the body and answers with what ``answer`` makes of it."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self.answer = answer

    def close(self) -> None:
        """Nothing to close."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, message = b"", await receive()
        while True:
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
            message = await receive()
        told = self.answer(body)
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(told))]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": told})


def settings(folder: Path, *, asks_variants: bool) -> Settings:
    """One list, one key."""
    return Settings(
        folder=folder,
        lists=(ListSettings(LIST, "rempart", stale_after=timedelta(days=1)),),
        server=Server(),
        keys=(ApiKey("bench", digest_of_key(KEY)),),
        asks_variants=asks_variants,
    )


def application(kind: str, folder: Path, slot: int) -> Any:
    """See above."""
    if kind == "constant":
        return Bare(lambda _body: CONSTANT)
    if kind == "peer":
        with (folder / "peer.pickle").open("rb") as file:
            index = pickle.load(file)

        def ask(body: bytes) -> bytes:
            asked = json.loads(body)
            if "fingerprints" not in asked:
                return json.dumps([one.metadata for one in index.query(asked["pdq"])]).encode()
            return json.dumps([[one.metadata for one in index.query(each["pdq"])] for each in asked["fingerprints"]]).encode()

        return Bare(ask)
    made = settings(folder, asks_variants=kind == "ours")
    return Doors(made, lambda name: folder / "lists" / name, slot=slot)


def main(kind: str, folder: str, port: str, slot: str) -> None:
    """Until it is told to stop."""
    listening = listen("127.0.0.1", int(port), is_shared=True)
    serve(application(kind, Path(folder), int(slot)), listening, told=lambda: print("ready", flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
