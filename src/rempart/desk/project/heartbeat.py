"""Which workers are alive: each keeps one small file fresh in the data folder, and the doctor reads them."""

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

FOLDER = "heartbeats"
SILENT_AFTER = timedelta(minutes=2)
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Beat:
    """What one worker last said: when, and which stages failed in its last round."""

    name: str
    at: datetime
    failing: tuple[str, ...]

    def is_silent(self, now: datetime) -> bool:
        """Whether nothing was heard for too long."""
        return now - self.at > SILENT_AFTER


class Heart:
    """One worker's file."""

    def __init__(self, data: Path, name: str) -> None:
        self.path = data / FOLDER / f"{name}.json"
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def beat(self, now: datetime, failing: tuple[str, ...] = ()) -> None:
        """Say that the worker is alive. A full disk must not stop the work: the doctor will see the silence."""
        fresh = self.path.with_suffix(f".{os.getpid()}")
        try:
            fresh.write_text(json.dumps({"at": now.isoformat(), "failing": failing}))
            fresh.replace(self.path)
        except OSError:
            return

    def stop(self) -> None:
        """Leave no trace after a clean end."""
        self.path.unlink(missing_ok=True)


def beats(data: Path, now: datetime) -> list[Beat]:
    """What every worker last said; those of yesterday and before are swept away."""
    found = []
    for path in sorted((data / FOLDER).glob("*.json")):
        try:
            content = json.loads(path.read_text())
            beat = Beat(path.stem, datetime.fromisoformat(content["at"]), tuple(content["failing"]))
        except (OSError, ValueError, KeyError):
            beat = Beat(path.stem, datetime.min.replace(tzinfo=UTC), ())
        if now - beat.at > FORGOTTEN_AFTER:
            path.unlink(missing_ok=True)
        else:
            found.append(beat)
    return found
