"""``rempart desk client …``: which platforms may read the lists. Works while the desk runs; each act is in the journal.

A secret goes to the standard output alone, once; everything said about it goes to the error output.
"""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rempart.desk.project import client_webhook, opening
from rempart.desk.project.opening import Opened, Refusal
from rempart.desk.rules.lists import ListName

if TYPE_CHECKING:
    from rempart.desk.registers.directory.models import Recipient
    from rempart.desk.registers.lists.clients import Limits
    from rempart.desk.registers.lists.models import ListClient
    from rempart.desk.registers.lists.overview import Seen

REASONS = {
    "platform_unknown": "The directory knows no platform with this number.",
    "label_missing": "A label of 60 signs at most is needed, for example: production.",
    "label_taken": "This platform already has a client with this label; choose another label, or revoke that one first.",
    "lists_missing": "At least one list is needed: --list minors, --list adults, or both.",
    "calls_out_of_range": "Calls a minute are a number from 100 to 100000.",
    "questions_out_of_range": "Questions a day are a number from 0 to 1000000000.",
    "former_too_long": "The former secret can be taken for 0 to 720 hours more.",
    "webhook_without_list": "Only a client that holds lists is told of their changes.",
    "webhook_missing": "This client is told nowhere yet. To begin: rempart desk client webhook CLIENT --url https://…",
    "webhook_unreadable": "This address cannot be read: a whole one is needed, for example https://platform.example/lists.",
    "webhook_not_https": "The address must begin with https:// (or set webhooks_to_private_addresses).",
    "webhook_private": "The address is private; nothing is sent there unless webhooks_to_private_addresses is set.",
    "revoked": "This client is revoked, for ever. A new one is made by: rempart desk client add",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, and with which client."""
    gestures = parser.add_subparsers(dest="gesture", metavar="WHAT", required=True, title="what to do")
    # The same options after the gesture as before it; what was said before it stands.
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    common.add_argument("--settings", type=Path, metavar="FILE", help="settings file (default: rempart.toml here)")
    common.add_argument("--json", action="store_true", help="answer as JSON on the standard output")
    parser.set_defaults(json=False)

    def gesture(name: str, about: str, run: Callable[[argparse.Namespace, Opened], int]) -> argparse.ArgumentParser:
        one = gestures.add_parser(name, help=about, description=f"{about[:1].upper()}{about[1:]}.", parents=[common])
        one.set_defaults(act=run)
        return one

    _add_options_of_add(gesture("add", "let a platform of the directory read lists; its secret is shown once", _add))
    gesture("list", "say who may read what, and how far each has read", _list)
    rotate = gesture("rotate", "give a client a new secret", _rotate)
    rotate.add_argument("client", metavar="CLIENT", help="its key (k…) or its number")
    rotate.add_argument(
        "--former-hours", type=float, default=24, metavar="N", help="how long the former secret is still taken (24)"
    )
    revoke = gesture("revoke", "stop a client for ever: its next request is refused", _revoke)
    revoke.add_argument("client", metavar="CLIENT", help="its key (k…) or its number")
    revoke.add_argument("--yes", action="store_true", help="ask nothing")
    about = "say where a platform is told that a list changed, or change it; its secret is shown once"
    client_webhook.add_options(gesture("webhook", about, _webhook))


def _add_options_of_add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("platform", metavar="PLATFORM", help="name or number of a platform of the directory")
    parser.add_argument("--label", default="production", help="what you call this client (production)")
    names = [name.value for name in ListName]
    parser.add_argument("--list", action="append", default=[], choices=names, dest="lists", help="a list; may be repeated")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--ask-only", action="store_true", help="it asks about its uploads and never holds a list")
    only.add_argument("--hold-only", action="store_true", help="it holds lists and does not ask")
    parser.add_argument("--cautious", action="store_true", help="it is sent only what is confirmed")
    parser.add_argument("--calls-per-minute", type=int, default=600, metavar="N", help="100 or more (600)")
    parser.add_argument(
        "--questions-per-day", type=int, default=1_000_000, metavar="N", help="uploads it may ask about (1000000)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Do it. Raises :class:`Refusal`."""
    from rempart.desk.registers.lists.errors import ClientRefused

    opened = opening.open_desk(arguments.settings)
    act: Callable[[argparse.Namespace, Opened], int] = arguments.act
    try:
        return act(arguments, opened)
    except ClientRefused as refused:
        raise Refusal(" ".join(REASONS.get(reason, reason) for reason in refused.reasons)) from refused


def _add(arguments: argparse.Namespace, opened: Opened) -> int:
    from rempart.desk.registers.lists import clients

    platform = _platform(arguments.platform)
    client, secret = clients.issue(platform.pk, arguments.label, _limits(arguments), by=None, now=datetime.now(UTC))
    _say(f"{platform.name}, “{client.label}”: client {client.pk}, key {client.key_id}.\n")
    _give(arguments, opened, client, secret)
    return 0


def _limits(arguments: argparse.Namespace) -> "Limits":
    from rempart.desk.registers.lists.clients import Limits

    return Limits(
        lists=frozenset(ListName(name) for name in arguments.lists),
        may_hold_lists=not arguments.ask_only,
        may_ask=not arguments.hold_only,
        is_cautious=arguments.cautious,
        calls_per_minute=arguments.calls_per_minute,
        questions_per_day=arguments.questions_per_day,
    )


def _platform(text: str) -> "Recipient":
    """A platform by its name or number. Raises :class:`Refusal` with the names that are near."""
    from rempart.desk.registers.directory.models import TAKES_NOTICES, Recipient

    rows = Recipient.objects.filter(kind__in=[kind.value for kind in TAKES_NOTICES])
    if text.isascii() and text.isdigit() and len(text) < 19 and (found := rows.filter(pk=int(text)).first()):
        return found
    by_name: dict[str, list[Recipient]] = {}
    for row in rows.order_by("name", "pk"):
        by_name.setdefault(row.name.casefold(), []).append(row)
    same = by_name.get(text.strip().casefold(), [])
    if len(same) == 1:
        return same[0]
    if same:
        numbers = ", ".join(f"{row.pk} ({row.kind})" for row in same)
        raise Refusal(f"Several recipients of the directory are called “{text}”; give a number instead: {numbers}.")
    near = [by_name[name][0].name for name in get_close_matches(text.strip().casefold(), by_name, n=3, cutoff=0.5)]
    hint = f"Did you mean {' or '.join(f'“{name}”' for name in near)}?" if near else "Add it there first, in the console."
    raise Refusal(f"The directory knows no platform called “{text}”. {hint}")


def _client(text: str) -> "ListClient":
    """A client by its key or number. Raises :class:`Refusal`."""
    from rempart.desk.registers.lists.credentials import is_key_id
    from rempart.desk.registers.lists.models import ListClient

    if is_key_id(text):
        found = ListClient.objects.filter(key_id=text).first()
    else:
        is_number = text.isascii() and text.isdigit() and len(text) < 19
        found = ListClient.objects.filter(pk=int(text)).first() if is_number else None
    if found is None:
        raise Refusal("No client has this key or number. To see them all: rempart desk client list")
    return found


def _give(arguments: argparse.Namespace, opened: Opened, client: "ListClient", secret: str) -> None:
    from rempart.desk.registers.lists import clients, connecting

    lists = sorted(clients.limits_of(client).lists)
    if arguments.json:
        url = opened.config.public_url
        card = {
            "client": client.pk,
            "key_id": client.key_id,
            "secret": secret,
            "lists": {name: connecting.ncmec_address(url, ListName(name)) for name in lists} if client.may_hold_lists else {},
            "match": connecting.match_address(url) if client.may_ask else None,
        }
        sys.stdout.write(json.dumps(card) + "\n")
        return
    _say("Its secret follows, and is never shown again. Hand it over by a safe way, not by e-mail:\n")
    sys.stdout.write(f"{secret}\n")
    sys.stdout.flush()
    _say("What the platform types is on the client's page of the console.\n")


def _list(arguments: argparse.Namespace, _opened: Opened) -> int:
    from rempart.desk.registers.lists import overview

    everybody = overview.everybody(datetime.now(UTC))
    if arguments.json:
        sys.stdout.write(json.dumps([_card(one) for one in everybody]) + "\n")
        return 0
    if not everybody:
        _say("No platform reads the lists yet. To add one: rempart desk client add PLATFORM --list minors\n")
    for one in everybody:
        card = _card(one)
        lists = ", ".join(f"{name} ({_far(read)})" for name, read in card["lists"].items())
        may = "revoked" if card["revoked_at"] else "asks only" if not one.client.may_hold_lists else "active"
        sys.stdout.write(f"{one.client.pk}\t{one.client.key_id}\t{may}\t{one.platform} · {one.client.label}\t{lists}\n")
    return 0


def _far(read: dict[str, Any]) -> str:
    return f"read {read['read_at'][:16].replace('T', ' ')} UTC, {read['behind']} behind" if read["read_at"] else "never read"


def _card(one: "Seen") -> dict[str, Any]:
    client = one.client
    reads = {
        read.list_name.value: {"read_at": _moment(read.read_at), "behind": read.behind, "is_far": read.is_far}
        for read in one.readings
    }
    return {
        "client": client.pk,
        "key_id": client.key_id,
        "platform": one.platform,
        "label": client.label,
        "lists": reads,
        "may_hold_lists": client.may_hold_lists,
        "may_ask": client.may_ask,
        "is_cautious": client.is_cautious,
        "calls_per_minute": client.calls_per_minute,
        "questions_per_day": client.questions_per_day,
        "calls_last_day": one.calls,
        "questions_today": one.questions,
        "revoked_at": _moment(client.revoked_at),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None


def _rotate(arguments: argparse.Namespace, opened: Opened) -> int:
    from rempart.desk.registers.lists import clients

    client, hours = _client(arguments.client), arguments.former_hours
    if not 0 <= hours <= clients.LONGEST_FORMER.total_seconds() / 3600:
        raise Refusal(REASONS["former_too_long"])
    secret = clients.rotate(client, by=None, now=datetime.now(UTC), former_for=timedelta(hours=hours))
    still = f"is taken for {hours:g} hours more" if hours else "is refused from now on"
    _say(f"Client {client.pk}, key {client.key_id}: the former secret {still}.\n")
    _give(arguments, opened, client, secret)
    return 0


def _revoke(arguments: argparse.Namespace, _opened: Opened) -> int:
    from rempart.desk.registers.lists import clients

    client = _client(arguments.client)
    if client.revoked_at is None and not arguments.yes:
        _ask_whether(client)
    clients.revoke(client, by=None, now=datetime.now(UTC))
    if arguments.json:
        sys.stdout.write(
            json.dumps({"client": client.pk, "key_id": client.key_id, "revoked_at": _moment(client.revoked_at)}) + "\n"
        )
    else:
        _say(f"Client {client.pk}, key {client.key_id}, is revoked: every request of it is refused from now on.\n")
    return 0


def _ask_whether(client: "ListClient") -> None:
    _say(f"Client {client.pk}, “{client.label}”, will be stopped for ever; what it already holds stays with the platform.\n")
    _say("Type yes to stop it: ")
    try:
        answer = input()
    except EOFError as error:
        raise Refusal("The question could not be asked here. For scripts: --yes") from error
    if answer.strip().lower() != "yes":
        raise Refusal("Nothing was changed.")


def _webhook(arguments: argparse.Namespace, _opened: Opened) -> int:
    return client_webhook.act(arguments, _client(arguments.client))


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
