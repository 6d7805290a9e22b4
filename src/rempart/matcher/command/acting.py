"""``rempart matcher decide, disable, enable, resume``: what people do, also while a matcher runs in the same folder."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from rempart.matcher.command.opening import Refusal, add_settings, settings_from
from rempart.matcher.feedback.outbox import Outbox, UnknownTrace
from rempart.matcher.results import Reason, Verdict
from rempart.matcher.service.places import shelf_of
from rempart.matcher.settings import Settings
from rempart.matcher.shelf.switches import NoShelf, disable, enable


def run_decide(asked: argparse.Namespace) -> int:
    """A decision, by the trace id of an answer or by the entry."""
    settings = settings_from(asked)
    verdict, reason = Verdict(asked.verdict), Reason(asked.reason) if asked.reason else None
    if (asked.trace is None) == (asked.entry is None) or (asked.entry is None) != (asked.list_name is None):
        raise Refusal("Name an answer with --trace, or an entry with --list and --entry.")
    if (verdict is Verdict.NOT_BLOCKED) != (reason is not None):
        raise Refusal("A reason goes with “not_blocked”, and with nothing else: --reason.")
    outbox, now = Outbox(settings.folder), datetime.now(UTC)
    if asked.entry is not None:
        _known(settings, asked.list_name)
        outbox.decide(asked.list_name, asked.entry, verdict, reason, now=now)
        named = [(asked.list_name, asked.entry)]
    else:
        try:
            named = outbox.decide_trace(asked.trace, verdict, reason, now=now)
        except UnknownTrace as refused:
            raise Refusal(str(refused)) from None
    for list_name, entry in named:
        sys.stdout.write(f"Noted for {entry} of the list {list_name}; its owner is told.\n")
    return 0


def run_disable(asked: argparse.Namespace) -> int:
    """It counts here, and blocks nothing."""
    settings = settings_from(asked)
    _known(settings, asked.list_name)
    try:
        is_held = disable(shelf_of(settings, asked.list_name), asked.entry, why=asked.why, now=datetime.now(UTC))
    except NoShelf as refused:
        raise Refusal(str(refused)) from None
    more = "" if is_held else " The list does not hold it at the moment: it stays switched off should it come."
    sys.stdout.write(f"{asked.entry} of the list {asked.list_name} is switched off here.{more}\n")
    return 0


def run_enable(asked: argparse.Namespace) -> int:
    """Take that back."""
    settings = settings_from(asked)
    _known(settings, asked.list_name)
    try:
        was_off = enable(shelf_of(settings, asked.list_name), asked.entry)
    except NoShelf as refused:
        raise Refusal(str(refused)) from None
    if not was_off:
        raise Refusal(f"{asked.entry} of the list {asked.list_name} was not switched off.")
    sys.stdout.write(f"{asked.entry} of the list {asked.list_name} is in force again.\n")
    return 0


def run_resume(asked: argparse.Namespace) -> int:
    """After a flood."""
    settings = settings_from(asked)
    _known(settings, asked.list_name)
    if not Outbox(settings.folder).resume(asked.list_name, asked.entry):
        raise Refusal(f"{asked.entry} of the list {asked.list_name} was not paused.")
    sys.stdout.write(f"{asked.entry} of the list {asked.list_name} blocks again.\n")
    return 0


def _known(settings: Settings, name: str) -> None:
    if name not in {one.name for one in settings.lists}:
        raise Refusal(f"The settings name no list “{name}”; there is {', '.join(one.name for one in settings.lists)}.")


def add_arguments_decide(parser: argparse.ArgumentParser) -> None:
    """The options of ``decide``."""
    parser.add_argument("verdict", choices=[*Verdict], help="what was decided")
    parser.add_argument("--trace", metavar="ID", help="the trace id of the answer: everything that it names")
    parser.add_argument("--list", dest="list_name", metavar="LIST", help="the list of the entry")
    parser.add_argument("--entry", metavar="ENTRY", help="the owner's own name for it")
    parser.add_argument("--reason", choices=[*Reason], help="why it was not blocked")
    add_settings(parser)


def _add_entry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("list_name", metavar="LIST", help="as the settings name it")
    parser.add_argument("entry", metavar="ENTRY", help="the owner's own name for it, as answers and “lists” show it")
    add_settings(parser)


def add_arguments_disable(parser: argparse.ArgumentParser) -> None:
    """The options of ``disable``."""
    _add_entry(parser)
    parser.add_argument("--why", required=True, help="for whoever asks later")


add_arguments_enable = add_arguments_resume = _add_entry
