"""``rempart matcher lists``: how each list stands, and what waits for a person."""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from rempart.engine.errors import IndexNotFound
from rempart.matcher.command.opening import add_settings, settings_from
from rempart.matcher.feedback.outbox import Outbox
from rempart.matcher.feedback.tables import open_tables
from rempart.matcher.feedback.telling import owner_of
from rempart.matcher.feedback.webhooks import state_of
from rempart.matcher.service.places import shelf_of
from rempart.matcher.settings import ListSettings, Settings
from rempart.matcher.shelf.asking import Shelf, ShelfState
from rempart.matcher.shelf.switches import disabled

UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def run(asked: argparse.Namespace) -> int:
    """Say it. Exit code 1 where a list was never read or is stale."""
    settings, now = settings_from(asked), datetime.now(UTC)
    told = [_list(settings, one, now) for one in settings.lists]
    paused = [
        {"list": one.list_name, "entry": one.entry, "since": _text(one.at), "hits": one.hits}
        for one in (Outbox(settings.folder).paused() if settings.folder.exists() else [])
    ]
    webhooks = [_webhook(settings, place) for place in range(len(settings.webhooks))]
    if asked.json:
        sys.stdout.write(json.dumps({"lists": told, "paused": paused, "webhooks": webhooks}) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(told, paused, webhooks)) + "\n")
    return 0 if all(one["state"] == "ready" for one in told) else 1


def _list(settings: Settings, one: ListSettings, now: datetime) -> dict[str, Any]:
    folder = shelf_of(settings, one.name)
    told: dict[str, Any] = {"list": one.name, "shape": one.shape, "state": "unread", "entries": 0, "fingerprints": 0}
    try:
        shelf = Shelf(folder)
    except (sqlite3.OperationalError, IndexNotFound):
        return told
    state = shelf.state()
    shelf.close()
    tables = open_tables(settings.folder)
    owner = owner_of(tables, one.name)
    tables.close()
    return told | {
        "state": _standing(state, one.stale_after, now),
        "entries": state.entries,
        "fingerprints": state.fingerprints,
        "read_at": _text(state.read_at),
        "trouble": state.trouble,
        "switched_off": [{"entry": off.name, "why": off.why, "since": _text(off.at)} for off in disabled(folder)],
        "to_tell": owner.waiting if one.tells else 0,
        "told_at": _text(owner.told_at),
        "telling_trouble": owner.trouble,
        "age_seconds": None if state.read_at is None else (now - state.read_at).total_seconds(),
    }


def _standing(state: ShelfState, stale_after: timedelta, now: datetime) -> str:
    if state.read_at is None:
        return "unread"
    return "stale" if now - state.read_at > stale_after else "ready"


def _webhook(settings: Settings, place: int) -> dict[str, Any]:
    found = state_of(settings.folder, settings.webhooks[place])
    return {
        "webhook": place + 1,
        "waiting": found.waiting,
        "sent": found.sent,
        "lost": found.lost,
        "trouble": found.trouble,
        "failing_since": _text(found.failing_since),
        "ended_at": _text(found.ended_at),
    }


def _lines(told: list[dict[str, Any]], paused: list[dict[str, Any]], webhooks: list[dict[str, Any]]) -> list[str]:
    lines = []
    for one in told:
        age = one.get("age_seconds")
        read = "never read whole" if age is None else f"read {in_words(age)} ago"
        lines.append(f"{one['list']} ({one['shape']}): {one['state']}, {one['entries']:,} entries, {read}")
        for name, say in (("trouble", "Its owner: {}"), ("telling_trouble", "Telling its owner: {}")):
            if one.get(name):
                lines.append("    " + say.format(one[name]))
        if one.get("to_tell"):
            lines.append(f"    {one['to_tell']} entries to tell its owner about")
        lines += [f"    switched off here: {off['entry']} ({off['why']})" for off in one.get("switched_off", [])]
    for one in paused:
        lines.append(f"Paused for review: {one['entry']} of the list {one['list']}, {one['hits']} hits in all")
    for one in webhooks:
        trouble = f"; {one['trouble']}" if one["trouble"] else ""
        lines.append(f"Webhook {one['webhook']}: {one['sent']} sent, {one['waiting']} waiting, {one['lost']} given up{trouble}")
    return lines


def in_words(seconds: float) -> str:
    """In the largest unit that fits."""
    size, unit = next((one for one in UNITS if seconds >= one[0]), UNITS[-1])
    return f"{int(seconds // size)} {unit}"


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``lists``."""
    add_settings(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object")
