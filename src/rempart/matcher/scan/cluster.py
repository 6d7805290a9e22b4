"""The same tasks on a Dask cluster: every machine reads the files and the lists under the same names. Decision 14.

Dask does a task again when the machine that did it disappears; that it then counts once is the affair of :mod:`state`.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError
from logging import CRITICAL, getLogger
from typing import Any

from rempart.matcher.scan.asking import Asked
from rempart.matcher.scan.pieces import Task
from rempart.matcher.scan.scanning import scan
from rempart.matcher.scan.working import Do, Done, NextTask

SCHEMES = {"dask": "tcp", "dask+tls": "tls"}
CONNECT_SECONDS, WAIT_SECONDS = 10.0, 60.0
AHEAD = 3
"""Tasks for each thread of the cluster: what it waits for over the network is little, and what one machine may lose too."""
AWAY = "The cluster's scheduler has gone away. Nothing is lost: go on with --resume, there or on this machine."


class ClusterRefused(Exception):
    """It cannot be used; the text is a sentence."""


class Cluster:
    """``address``: dask://host:port of its scheduler, or dask+tls:// with the certificates that Dask's own settings name."""

    def __init__(self, address: str, do: Do = scan) -> None:
        scheme, _, host = address.partition("://")
        if scheme not in SCHEMES or not host:
            raise ClusterRefused("A cluster is named by the address of Dask's scheduler, such as dask://host:8786.")
        self._do = do
        self._client = _connected(f"{SCHEMES[scheme]}://{host}")

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        """What it was given and has not done is taken back."""
        self._client.close()

    def work(self, next_task: NextTask, asked: Asked) -> Iterator[Done]:
        """See Workers."""
        in_hand: dict[Any, Task] = {}
        while True:
            while len(in_hand) < self._at_once() and (task := next_task()):
                in_hand[self._client.submit(self._do, task.items, asked, pure=False, retries=0)] = task
            if not in_hand:
                return
            for done in self._ended(list(in_hand)):
                yield self._told(done, in_hand.pop(done))

    def _ended(self, futures: list[Any]) -> list[Any]:
        """Those that are done, at least one. Raises ClusterRefused."""
        from distributed import wait

        try:
            with self._client.as_current():
                return list(wait(futures, return_when="FIRST_COMPLETED").done)
        except (CancelledError, OSError):
            raise ClusterRefused(AWAY) from None

    def _at_once(self) -> int:
        """Machines come and go."""
        threads: dict[str, int] = self._client.nthreads()
        return max(1, AHEAD * sum(threads.values()))

    def _told(self, done: Any, task: Task) -> Done:
        """Raises ClusterRefused where it is not the file's fault."""
        from distributed import KilledWorker

        try:
            return task, done.result()
        except KilledWorker:
            return task, None  # several processes died of it, one after the other
        except (CancelledError, OSError):
            raise ClusterRefused(AWAY) from None
        except Exception as fault:
            said = type(fault).__name__
            raise ClusterRefused(f"The cluster could not do a task ({said}): is the same Rempart installed everywhere?") from None


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise ClusterRefused('A cluster needs a part that is not installed: pip install ".[cluster]" in the clone') from None
    getLogger("distributed.client").setLevel(CRITICAL)  # what goes wrong is said once, by us, in a sentence
    try:
        client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError):
        raise ClusterRefused("Dask's scheduler does not answer at this address.") from None
    try:
        client.wait_for_workers(1, timeout=WAIT_SECONDS)
    except TimeoutError:
        client.close()
        raise ClusterRefused("Dask's scheduler answers, but it has no workers.") from None
    return client
