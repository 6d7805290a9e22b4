"""One worker process for tests: ``python -m tests.matcher.web.worker SETTINGS PORT SLOT``; hooks write a line each on a file."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from rempart.matcher.settings import read_settings
from rempart.matcher.web.doors import Doors
from rempart.matcher.web.hooks import DecisionMade, Hit, Hooks
from rempart.matcher.web.serving import listen, serve


def main(settings_file: str, port: str, slot: str) -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.DEBUG)
    settings = read_settings(Path(settings_file))
    said = settings.folder / f"said-{slot}.jsonl"

    def say(**what: object) -> None:
        with said.open("a", encoding="utf-8") as file:
            file.write(json.dumps(what) + "\n")

    def on_hits(hits: Sequence[Hit]) -> None:
        for hit in hits:
            say(hit=hit.answer.trace_id, account=hit.account, entries=[one.entry for one in hit.answer.found])

    def decide(made: DecisionMade) -> None:
        if made.trace_id == "unknown" or made.entry == "unknown":
            raise LookupError
        say(decision=made.verdict, reason=made.reason, trace_id=made.trace_id, list=made.list_name, entry=made.entry)

    def switch(word: str, list_name: str, entry: str, why: str) -> None:
        if list_name not in {one.name for one in settings.lists}:
            raise LookupError
        say(switched=word, list=list_name, entry=entry, why=why)

    hooks = Hooks(
        on_hits=on_hits,
        is_flooded=lambda _list, entry: entry == "flooded",
        decide=decide,
        disable=lambda *told: switch("off", *told),
        enable=lambda *told: switch("on", *told),
    )
    doors = Doors(settings, lambda name: settings.folder / "lists" / name, slot=int(slot), hooks=hooks)
    serve(doors, listen("127.0.0.1", int(port), is_shared=True), told=lambda: print("ready", flush=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
