"""Where a client wants to be told that a list changed: one target each, made, changed, stopped and started again.

The secret that signs is derived from the keys file: the database holds none, nor does its backup.
"""

import base64
import hmac
import os
import secrets as chance
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.lists.clients import FORMER_FOR
from rempart.desk.registers.lists.errors import ClientRefused
from rempart.desk.registers.lists.keys import Purpose, client_key
from rempart.desk.registers.lists.models import ListClient, WebhookDelivery, WebhookTarget
from rempart.desk.registers.lists.readings import subject_of

SECRET_PREFIX = "whsec_"  # noqa: S105 - how Standard Webhooks writes any secret
DELIVERED = "delivered"
DELIVERIES_SHOWN = 20


def secret_of(target: WebhookTarget) -> str:
    """What the platform verifies signatures with, as Standard Webhooks writes it."""
    return SECRET_PREFIX + base64.b64encode(_key(target, target.salt)).decode()


def signing_keys(target: WebhookTarget, now: datetime) -> list[bytes]:
    """Whatever signs now, the present key first: two while the secret changes."""
    is_former_good = target.former_until is not None and now < target.former_until
    salts = [target.salt, *([target.former_salt] if is_former_good and target.former_salt else [])]
    return [_key(target, salt) for salt in salts]


def _key(target: WebhookTarget, salt: bytes | memoryview) -> bytes:
    return hmac.digest(client_key(target.client_id, Purpose.WEBHOOKS), bytes(salt), "sha256")


def target_of(client: ListClient) -> WebhookTarget | None:
    """Where this client is told, if anywhere."""
    return WebhookTarget.objects.filter(client=client.pk).first()


@transaction.atomic
def point(client: ListClient, url: str, *, by: int | None, now: datetime) -> str | None:
    """Tell this client there from now on; the secret when the target is new, None when only its address changed.

    ``url`` has been checked by :mod:`outlets.webhooks`. Raises :class:`ClientRefused`.
    """
    standing = _locked(client)
    if not standing.may_hold_lists:
        raise ClientRefused("webhook_without_list")
    target, is_new = WebhookTarget.objects.get_or_create(
        client=standing, defaults={"url": url, "salt": os.urandom(16), "created_at": now}
    )
    if not is_new and target.url == url:
        return None
    target.url = url
    _clear(target, now)
    journal.write("webhook_pointed", subject_of(client), now=now, by=by)
    return secret_of(target) if is_new else None


@transaction.atomic
def remove(client: ListClient, *, by: int | None, now: datetime) -> None:
    """Tell this client nothing more. Twice is as once."""
    if WebhookTarget.objects.filter(client=client.pk).delete()[0]:
        journal.write("webhook_removed", subject_of(client), now=now, by=by)


@transaction.atomic
def rotate(client: ListClient, *, by: int | None, now: datetime) -> str:
    """A new secret; events carry a second signature, with the one before, for a day. Raises :class:`ClientRefused`."""
    target = _target(client)
    target.former_salt, target.former_until = target.salt, now + FORMER_FOR
    target.salt = os.urandom(16)
    target.save(update_fields=["salt", "former_salt", "former_until"])
    journal.write("webhook_rotated", subject_of(client), now=now, by=by)
    return secret_of(target)


@transaction.atomic
def test(client: ListClient, *, by: int | None, now: datetime) -> None:
    """Ask the worker to send a test event, once. Raises :class:`ClientRefused`."""
    target = _target(client)
    try:
        with transaction.atomic():
            WebhookDelivery.objects.create(target=target, event_id=new_event_id(), made_at=now, next_at=now)
    except IntegrityError:
        # One is on its way already: it answers for this one too.
        return
    journal.write("webhook_tested", subject_of(client), now=now, by=by)


@transaction.atomic
def start_again(client: ListClient, *, by: int | None, now: datetime) -> None:
    """Try now what waits or was given up: the next event covers all that was missed. Raises :class:`ClientRefused`."""
    _clear(_target(client), now)
    journal.write("webhook_started_again", subject_of(client), now=now, by=by)


def _clear(target: WebhookTarget, now: datetime) -> None:
    target.stopped_at = target.failing_since = None
    target.trouble = ""
    target.save()
    target.deliveries.filter(next_at__gt=now, outcome__gt="").update(next_at=now)


def _locked(client: ListClient) -> ListClient:
    standing = ListClient.objects.select_for_update().get(pk=client.pk)
    if standing.revoked_at is not None:
        raise ClientRefused("revoked")
    return standing


def _target(client: ListClient) -> WebhookTarget:
    found = WebhookTarget.objects.select_for_update().filter(client=_locked(client)).first()
    if found is None:
        raise ClientRefused("webhook_missing")
    return found


def new_event_id() -> str:
    """A name that no other event has."""
    return "evt_" + chance.token_hex(16)


@dataclass(frozen=True, slots=True)
class Told:
    """One client's target as the staff sees it."""

    target: WebhookTarget
    deliveries: tuple[WebhookDelivery, ...]

    @property
    def is_failing(self) -> bool:
        """Whether a person should look."""
        return self.target.stopped_at is not None or self.target.failing_since is not None


def told(client: ListClient) -> Told | None:
    """The target of a client with its last events, the newest first; None when there is none."""
    target = target_of(client)
    if target is None:
        return None
    return Told(target, tuple(target.deliveries.order_by("-pk")[:DELIVERIES_SHOWN]))


def failing() -> dict[int, WebhookTarget]:
    """The targets that fail or were stopped, by the number of their client; those of clients that are revoked do not matter."""
    live = WebhookTarget.objects.filter(client__revoked_at__isnull=True)
    rows = live.exclude(stopped_at__isnull=True, failing_since__isnull=True)
    return {row.client_id: row for row in rows}
