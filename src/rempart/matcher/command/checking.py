"""``rempart matcher check``: is this file on a list? Asks the folder of a matcher, whether it runs or not; tells nobody."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from rempart.engine.commands.finding import printable, reason
from rempart.matcher.command.opening import Refusal, add_settings, settings_from
from rempart.matcher.lookup import Answer, ListRules, Lookup
from rempart.matcher.service.places import shelf_of
from rempart.matcher.settings import Settings
from rempart.matcher.web.uploads import Read, Uploads

TIME_OUT = timedelta(minutes=10)


def run(asked: argparse.Namespace) -> int:
    """One line for each file."""
    settings = settings_from(asked)
    rules = [ListRules(one.name, shelf_of(settings, one.name), one.radius, one.rules) for one in settings.lists]
    lookup, uploads = Lookup(rules, is_dry_run=settings.is_dry_run), _uploads(settings)
    code = 0
    for path in asked.files:
        try:
            read = uploads.read(_bytes(path, settings.server.most_upload), "", str(path))
        except Refusal as refused:
            sys.stderr.write(f"{refused}\n")
            code = 1
            continue
        answer = lookup.ask(read.question)
        if len(answer.unready) == len(rules):
            raise Refusal("No list was read into this folder yet: start the matcher first.")
        sys.stdout.write(json.dumps(_told(path, read, answer)) + "\n" if asked.json else _lines(path, read, answer))
        sys.stdout.flush()
    lookup.close()
    return code


def _uploads(settings: Settings) -> Uploads:
    return Uploads(
        settings.pipelines,
        asks_variants=settings.asks_variants,
        most_bytes=settings.server.most_upload,
        seconds=TIME_OUT.total_seconds(),
    )


def _bytes(path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            raise Refusal(f"{printable(str(path))}: longer than the {most:,} bytes of server.most_upload.")
        return path.read_bytes()
    except OSError as refused:
        raise Refusal(f"{printable(str(path))}: {reason(refused)}") from None


def _told(path: Path, read: Read, answer: Answer) -> dict[str, Any]:
    found = [
        {
            "list": one.list_name,
            "entry": one.entry,
            "exact": one.is_exact,
            "distance": one.distance,
            "asked_view": one.asked_view,
            "variant": one.variant,
            "trust": one.trust,
            "outcome": one.outcome,
            "because": one.because,
        }
        for one in answer.found
    ]
    trouble = read.trouble.sentence if read.trouble else None
    return {"file": str(path), "outcome": answer.outcome, "found": found, "unready": list(answer.unready), "trouble": trouble}


def _lines(path: Path, read: Read, answer: Answer) -> str:
    name = printable(str(path))
    lines = [f"{name}: {answer.outcome}"]
    for one in answer.found:
        how = "the same file" if one.is_exact else f"{one.distance} bits away, {one.asked_view or 'whole'} met {one.variant}"
        lines.append(f"    {one.entry} of the list {one.list_name} ({one.trust}): {one.outcome}, {how}")
    if read.trouble:
        lines.append(f"    only the same file could be looked for: {read.trouble.sentence}")
    lines += [f"    the list {one} was not read yet" for one in answer.unready]
    return "\n".join(lines) + "\n"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``check``."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a picture or a video")
    add_settings(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object for each file")
