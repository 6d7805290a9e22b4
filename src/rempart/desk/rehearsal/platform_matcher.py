"""The matcher of the invented platform: a real one, in a process of its own. What it is told, and what the site asks of it.

The desk knows nothing of the matcher's inside: it starts the program that any platform starts, and speaks with it over HTTP.
"""

import http.client
import json
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from rempart.desk.rehearsal.readers import SHOWN

FOLDER = "platform-matcher"
NEEDED = ("uvicorn", "httptools", "uvloop", "msgspec", "urllib3")
MISSING = (
    "The matcher of the invented platform is not installed, so nobody can post pictures there; everything else works. "
    'To install it: pip install ".[matcher]" in the clone'
)
TIME_OUT = 20.0
SETTINGS = """\
# Written at each start of the rehearsal, for the matcher of the invented platform.
folder = "lists"

[server]
port = {port}
workers = 1
most_upload = "10 MB"
"""
LIST = """
[[list]]
name = "{name}"
url = {url}
user = "{user}"
password = "{password}"
interval = "2 s"
stale_after = "1 min"
"""


class Silent(Exception):
    """The matcher does not answer, or has not read its lists yet: nothing is posted meanwhile."""


class NoPicture(Exception):
    """The matcher cannot read what was sent."""


def is_installed() -> bool:
    """Whether the libraries of the matcher are there."""
    return all(find_spec(name) is not None for name in NEEDED)


def settings_file(data: Path) -> Path:
    """Where its settings are written."""
    return data / FOLDER / "matcher.toml"


def write_settings(data: Path, *, desk: str, port: int) -> Path:
    """The settings file of the matcher. ``desk``: the address at which this machine reaches the desk."""
    path = settings_file(data)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lists = [
        LIST.format(
            name=name.value, url=json.dumps(f"{desk}/api/v1/lists/{name.value}"), user=SHOWN.key_id, password=SHOWN.secret
        )
        for name in sorted(SHOWN.limits.lists)
    ]
    path.write_text(SETTINGS.format(port=port) + "".join(lists), encoding="utf-8")
    return path


def command(settings: Path) -> list[str]:
    """What starts it."""
    return [sys.executable, "-m", "rempart", "matcher", "run", "--settings", str(settings)]


def forget(data: Path) -> None:
    """Nothing it read of a desk that begins again is true any more. It does not run meanwhile."""
    shutil.rmtree(data / FOLDER, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry that an upload met."""

    list_name: str
    is_exact: bool
    distance: int | None
    view: str
    trust: str


@dataclass(frozen=True, slots=True)
class Said:
    """What the matcher says of one upload. ``outcome``: accept, count, hold or block."""

    outcome: str
    trace_id: str
    seen: tuple[Seen, ...]
    milliseconds: int


@dataclass(frozen=True, slots=True)
class PlatformMatcher:
    """What the site asks, at this port of this machine."""

    port: int

    def match(self, content: bytes, kind: str, *, account: str) -> Said:
        """Is it on a list? Raises Silent, NoPicture."""
        begun = time.monotonic()
        status, said = self._ask("POST", f"/v1/match?{urlencode({'account': account})}", content, kind)
        if status in {400, 413, 415, 422}:
            raise NoPicture
        if status != 200 or said.get("unready"):
            raise Silent
        seen = tuple(
            Seen(one["list"], bool(one["exact"]), one["distance"], one["asked_view"], one["trust"]) for one in said["found"]
        )
        return Said(said["outcome"], said["trace_id"], seen, round(1000 * (time.monotonic() - begun)))

    def tell(self, trace_id: str, verdict: str, reason: str = "") -> None:
        """That a person of the platform looks (``under_review``), or what was decided. ``reason``: why it is let through.

        Raises Silent.
        """
        told = {"trace_id": trace_id, "verdict": verdict} | ({"reason": reason} if reason else {})
        status, _ = self._ask("POST", "/v1/decisions", json.dumps(told).encode(), "application/json")
        if status != 200:
            raise Silent

    def age(self) -> int | None:
        """Seconds since the lists were last read; None: not yet, or it does not answer."""
        try:
            _, said = self._ask("GET", "/readyz")
            ages: Sequence[float | None] = [one["age_seconds"] for one in said["lists"]]
        except (Silent, KeyError, TypeError):
            return None
        known = [one for one in ages if one is not None]
        return round(max(known)) if known and len(known) == len(ages) else None

    def _ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIME_OUT)
        try:
            connection.request(method, path, body, {"Content-Type": kind} if kind else {})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError):
            raise Silent from None
        finally:
            connection.close()
