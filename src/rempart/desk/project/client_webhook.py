"""``rempart desk client webhook``: where a platform is told that a list changed."""

import argparse
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rempart.desk.registers.lists.models import ListClient
    from rempart.desk.registers.lists.webhooks import Told


def add_options(parser: argparse.ArgumentParser) -> None:
    """Which client, and one thing to do; without any it only says how it stands."""
    parser.add_argument("client", metavar="CLIENT", help="its key (k…) or its number")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--url", metavar="URL", help="tell it at this address from now on")
    only.add_argument("--rotate", action="store_true", help="a new secret; for a day events carry two signatures")
    only.add_argument("--test", action="store_true", help="send one test event")
    only.add_argument("--start-again", action="store_true", help="try now what waits or was given up")
    only.add_argument("--remove", action="store_true", help="tell it no more")


def act(arguments: argparse.Namespace, client: "ListClient") -> int:
    """Do it. Raises ClientRefused."""
    from rempart.desk.outlets import webhooks as outlet
    from rempart.desk.registers.lists import webhooks

    now, secret = datetime.now(UTC), None
    if arguments.url:
        secret = outlet.point(client, arguments.url, by=None, now=now)
    elif arguments.rotate:
        secret = webhooks.rotate(client, by=None, now=now)
    elif arguments.test:
        webhooks.test(client, by=None, now=now)
        sys.stderr.write("A test event leaves in a few seconds, if a worker runs.\n")
    elif arguments.start_again:
        webhooks.start_again(client, by=None, now=now)
    elif arguments.remove:
        webhooks.remove(client, by=None, now=now)
    _say(client, secret, as_json=arguments.json)
    return 0


def _say(client: "ListClient", secret: str | None, *, as_json: bool) -> None:
    from rempart.desk.registers.lists import webhooks

    found = webhooks.told(client)
    if as_json:
        sys.stdout.write(json.dumps(_card(client, found, secret)) + "\n")
        return
    if secret:
        sys.stderr.write("The platform verifies events with this secret, never shown again:\n")
        sys.stdout.write(f"{secret}\n")
        sys.stdout.flush()
    sys.stderr.write(f"Client {client.pk}: {_sentence(found)}\n")


def _sentence(found: "Told | None") -> str:
    if found is None:
        return "told of changes nowhere."
    target = found.target
    if target.stopped_at:
        return f"no longer told at {target.url} ({target.trouble}); to try again: --start-again"
    if target.failing_since:
        since = target.failing_since.astimezone(UTC)
        return f"told at {target.url}, which has not taken events since {since:%Y-%m-%d %H:%M} UTC ({target.trouble})."
    return f"told at {target.url}."


def _card(client: "ListClient", found: "Told | None", secret: str | None) -> dict[str, object]:
    card: dict[str, object] = {"client": client.pk, "url": None}
    if found is not None:
        target = found.target
        moments = {name: getattr(target, name) for name in ("told_at", "failing_since", "stopped_at")}
        card |= {"url": target.url, "trouble": target.trouble}
        card |= {name: moment.astimezone(UTC).isoformat() if moment else None for name, moment in moments.items()}
    return {**card, "secret": secret} if secret else card
