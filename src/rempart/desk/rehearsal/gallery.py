"""The pictures that were posted at the invented platform: in memory only, few, gone with the rehearsal."""

import threading
from dataclasses import dataclass, field, replace
from enum import StrEnum

from rempart.desk.rehearsal.platform_matcher import Said

MOST = 24
"""Beyond that, the oldest goes."""


class State(StrEnum):
    """Where an upload stands."""

    PUBLISHED = "published"
    HELD = "held"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Upload:
    """One picture that somebody posted. Of a refused one the content is not kept."""

    number: int
    account: str
    kind: str
    content: bytes = field(repr=False)
    state: State
    said: Said
    was_looked_at: bool = False


class Gallery:
    """Threads share it. ``epoch``: when the rehearsal began; another one empties it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._uploads: dict[int, Upload] = {}
        self._last = 0
        self._epoch = ""

    def begin(self, epoch: str) -> None:
        """The rehearsal began at that moment: what is older goes."""
        with self._lock:
            if epoch != self._epoch:
                self._uploads.clear()
                self._epoch = epoch

    def add(self, account: str, kind: str, content: bytes, state: State, said: Said) -> Upload:
        """Somebody posted it."""
        with self._lock:
            self._last += 1
            kept = b"" if state is State.REFUSED else content
            self._uploads[self._last] = upload = Upload(self._last, account, kind, kept, state, said)
            while len(self._uploads) > MOST:
                del self._uploads[min(self._uploads)]
            return upload

    def decide(self, number: int, state: State) -> None:
        """A person of the platform looked at one that was held."""
        with self._lock:
            upload = self._uploads[number]
            kept = b"" if state is State.REFUSED else upload.content
            self._uploads[number] = replace(upload, state=state, content=kept, was_looked_at=True)

    def get(self, number: int) -> Upload | None:
        """One of them, if it is still there."""
        with self._lock:
            return self._uploads.get(number)

    def all(self, state: State) -> list[Upload]:
        """Of this state, the newest first."""
        with self._lock:
            return [upload for _, upload in sorted(self._uploads.items(), reverse=True) if upload.state is state]
