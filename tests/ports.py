"""Ports for the servers that tests start.

Asking the system for "any free port", then listening on it a moment later, is a race: between the two, any
outgoing connection of any process may be given that port. These come from below the range the system draws
from, each is handed out once, and each process of the suite has its own stretch.
"""

from __future__ import annotations

import itertools
import os
import random
import socket
from pathlib import Path

FIRST, STRETCH = 20_000, 1_000
SYSTEM_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
USUAL_SYSTEM_RANGE = 32_768


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on and nobody else will be given."""
    for port in _candidates:
        with socket.socket() as probe:
            # As servers do: a port whose last connections are still closing can be listened on.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("Every port of this process's stretch is in use.")


def _stretch() -> range:
    """This process's own ports. Two suites at once on one machine start, most likely, in different stretches."""
    low = int(SYSTEM_RANGE.read_text().split()[0]) if SYSTEM_RANGE.exists() else USUAL_SYSTEM_RANGE
    stretches = max(1, (low - FIRST) // STRETCH)
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    # The same for all processes of one suite, so that their stretches differ.
    suite = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    start = random.Random(suite).randrange(stretches)
    begin = FIRST + (start + worker) % stretches * STRETCH
    return range(begin, begin + STRETCH)


_candidates = itertools.chain(_stretch(), _stretch())
