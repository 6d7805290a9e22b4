"""The invented platforms' programs: they read the lists over HTTP with their own keys, and one tells of a copy that it met.

Nothing of the desk is touched here: what a platform's program does, this does, through the same door.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener
from uuid import uuid4

from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.lists.entries import views_of
from rempart.desk.rehearsal.protected import RONDE
from rempart.desk.rehearsal.readers import READERS, SHOWN, Reader
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.trust import Act

PLATFORM = RONDE
PATIENCE = 10  # seconds
OUTCOMES = {Act.BLOCK: "blocked", Act.REVIEW: "under_review"}
"""What it says it did, having done as advised; of what is only counted, nothing was decided."""

Entry = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Program:
    """What one platform runs. ``desk``: its address."""

    desk: str
    reader: Reader

    def reads(self, list_name: ListName) -> list[Entry]:
        """The whole list, page after page."""
        return [entry for page in self._pages(list_name) for entry in page["entries"]]

    def tells(self, list_name: ListName, result: dict[str, Any]) -> None:
        """One result, under a key of its own."""
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        self._asks(f"{list_name}/results", json.dumps({"results": [result]}).encode(), headers)

    def _pages(self, list_name: ListName) -> Iterator[dict[str, Any]]:
        after, has_more = "", True
        while has_more:
            page = self._asks(f"{list_name}/entries?{urlencode({'after': after} if after else {})}")
            after, has_more = page["next"], page["has_more"]
            yield page

    def _asks(self, path: str, sent: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
        key = f"Bearer {self.reader.key_id}.{self.reader.secret}"
        address = f"{self.desk}/api/v1/lists/{path}"  # of the settings: the desk itself
        asked = Request(address, sent, {**(headers or {}), "Authorization": key})  # noqa: S310
        # The desk is on this machine: never through a proxy.
        with build_opener(ProxyHandler({})).open(asked, timeout=PATIENCE) as answer:
            return json.load(answer)


def meet_a_copy(desk: str, *, since: datetime) -> Act | None:
    """Somebody sends the picture that was protected last: the platform does what it is advised, and tells the desk of one match.

    Before, every invented platform that holds lists reads them. ``since``: what was protected before is of the invented past.
    None: it recognises nothing. Raises OSError where the desk does not answer.
    """
    digest = _digest_of_the_last(since)
    lists = {name: _everybody_reads(desk, name) for name in ListName}
    for name, entries in lists.items():
        # Protected by several people, it stands there several times: the last one is the visitor's.
        known = [entry for entry in entries if digest and entry.get("sha256") == digest]
        if known:
            return _do_as_advised(Program(desk, SHOWN), name, known[-1])
    return None


def _digest_of_the_last(since: datetime) -> str:
    """Of the copy that somebody sends; empty where the visitor protects nothing."""
    mine = Protection.objects.filter(declared_at__gt=since, ended_at__isnull=True).order_by("-pk").first()
    views = views_of([mine.pk]).get(mine.pk, []) if mine else []
    return next((view.value.hex() for view in views if view.quality is None), "")


def _everybody_reads(desk: str, name: ListName) -> list[Entry]:
    """What stands on the copy of the platform that meets a copy."""
    holders = [one for one in READERS if one.limits.may_hold_lists and name in one.limits.lists]
    return {one.key_id: Program(desk, one).reads(name) for one in holders}[SHOWN.key_id]


def _do_as_advised(program: Program, name: ListName, entry: Entry) -> Act:
    act = Act(entry["advice"]["exact"])
    decided = {"outcome": OUTCOMES[act]} if act in OUTCOMES else {}
    program.tells(name, {"name": entry["name"], "seen": 1, "accounts": "1", **decided})
    return act
