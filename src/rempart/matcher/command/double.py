"""``rempart matcher double``: the owner of a list, played by this machine, to try a matcher against."""

from __future__ import annotations

import argparse
import sys
from threading import Event, Thread

from rempart.matcher.command.opening import Refusal
from rempart.matcher.subscribe.doubles.planted import Garden
from rempart.matcher.subscribe.doubles.server import Double, Fault, server_of
from rempart.matcher.subscribe.doubles.shapes import SHAPES


def run(asked: argparse.Namespace) -> int:
    """Until Ctrl-C."""
    garden = Garden(seed=asked.seed)
    garden.add(asked.entries)
    double = Double(SHAPES[asked.shape](garden, page=asked.page), asked.port)
    double.every = Fault(asked.fault) if asked.fault else None
    try:
        server = server_of(double)
    except OSError as refused:
        raise Refusal(f"Port {asked.port} cannot be listened on: {(refused.strerror or 'taken').lower()}.") from None
    sys.stdout.write(f"A list of {asked.entries} drawn entries. To read it, in another terminal:\n")
    sys.stdout.write(
        f"rempart matcher run --list {double.url} --shape {asked.shape} --user {double.user} --password {double.password}\n"
    )
    sys.stdout.flush()
    stop = Event()
    if asked.every:
        Thread(target=_live, args=(garden, asked.every, stop), daemon=True).start()
    try:
        server.serve_forever(0.1)
    finally:
        stop.set()
        server.server_close()
    return 0


def _live(garden: Garden, seconds: float, stop: Event) -> None:
    while not stop.wait(seconds):
        garden.live()


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``double``."""
    parser.add_argument("shape", choices=[*SHAPES], help="how its list is written")
    parser.add_argument("--port", type=int, default=8110, help="of this machine's own address (usual: 8110)")
    parser.add_argument("--entries", type=int, default=1_000, metavar="N", help="how many at first (usual: 1000)")
    parser.add_argument("--every", type=float, default=0.0, metavar="SECONDS", help="add, change or withdraw one as often")
    parser.add_argument("--page", type=int, default=500, metavar="N", help="entries on a page (usual: 500)")
    parser.add_argument("--seed", type=int, default=0, help="what the entries are drawn from")
    parser.add_argument("--fault", choices=[*Fault], help="what goes wrong with every answer")
