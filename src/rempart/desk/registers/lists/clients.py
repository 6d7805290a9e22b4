"""Who may read the lists: clients made, changed, stopped, recognised at the door. What they read is in ``readings``."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from rempart.desk.registers.directory.entries import one_line
from rempart.desk.registers.directory.models import TAKES_NOTICES, Recipient
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.lists.credentials import NO_DIGEST, digest, is_key_id, is_one_of, make_key_id, make_secret
from rempart.desk.registers.lists.errors import ClientRefused
from rempart.desk.registers.lists.models import ListClient, Subscription
from rempart.desk.registers.lists.quotas import take_call, take_questions
from rempart.desk.registers.lists.readings import may_read, note_read, platforms_connected, subject_of
from rempart.desk.registers.lists.whereabouts import readers_of
from rempart.desk.rules.lists import ListName

__all__ = [
    "FORMER_FOR",
    "Limits",
    "authenticate",
    "change",
    "issue",
    "limits_of",
    "may_read",
    "note_read",
    "platforms_connected",
    "readers_of",
    "revoke",
    "rotate",
    "take_call",
    "take_questions",
]

FEWEST_CALLS = 100
"""A minute. A client of the NCMEC shape that reads many entries of one second makes as many (measured: 89)."""
MOST_CALLS = 100_000
MOST_QUESTIONS = 1_000_000_000
FORMER_FOR = timedelta(hours=24)
"""How long the secret before a rotation is still taken, so that a platform changes its machines one after the other."""
LONGEST_FORMER = timedelta(days=30)
MAX_LABEL = 60


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may do. Who may not hold lists still has some: those its uploads are compared with."""

    lists: frozenset[ListName]
    may_hold_lists: bool = True
    may_ask: bool = True
    is_cautious: bool = False
    calls_per_minute: int = 600
    questions_per_day: int = 1_000_000


def issue(
    platform_number: int, label: str, limits: Limits | Iterable[ListName], *, by: int | None, now: datetime
) -> tuple[ListClient, str]:
    """Make a client of this platform of the directory, and its secret: nobody can read it again.

    ``limits`` may be just the lists. Raises :class:`ClientRefused`; then nothing was kept.
    """
    wanted = limits if isinstance(limits, Limits) else Limits(frozenset(limits))
    tidy = one_line(label)
    wrong = _problems(wanted)
    if not tidy or len(tidy) > MAX_LABEL:
        wrong.append("label_missing")
    if not Recipient.objects.filter(pk=platform_number, kind__in=[kind.value for kind in TAKES_NOTICES]).exists():
        wrong.append("platform_unknown")
    if wrong:
        raise ClientRefused(*wrong)
    key_id, secret = make_key_id(), make_secret()
    client = ListClient(platform_number=platform_number, label=tidy, key_id=key_id, secret_digest=digest(key_id, secret))
    client.created_at, client.created_by_id = now, by
    _fill(client, wanted)
    try:
        with transaction.atomic():
            client.save(force_insert=True)
            _subscribe(client, wanted.lists)
            detail = {"platform": platform_number, "lists": sorted(wanted.lists)}
            journal.write("client_issued", subject_of(client), now=now, by=by, detail=detail)
    except IntegrityError:
        raise ClientRefused("label_taken") from None
    return client, secret


@transaction.atomic
def change(client: ListClient, limits: Limits, *, by: int | None, now: datetime) -> bool:
    """Change what a client may do; whether anything changed. A list taken away is refused at its next request.

    Raises :class:`ClientRefused`.
    """
    standing = _locked(client)
    wrong = _problems(limits)
    if wrong:
        raise ClientRefused(*wrong)
    before = limits_of(standing)
    if limits == before:
        return False
    _fill(standing, limits)
    standing.save()
    _subscribe(standing, limits.lists)
    changed = [name for name in Limits.__dataclass_fields__ if getattr(limits, name) != getattr(before, name)]
    detail = {"fields": changed, "lists": sorted(limits.lists)}
    journal.write("client_changed", subject_of(client), now=now, by=by, detail=detail)
    client.refresh_from_db()
    return True


@transaction.atomic
def rotate(client: ListClient, *, by: int | None, now: datetime, former_for: timedelta = FORMER_FOR) -> str:
    """A new secret. The one before is still taken for ``former_for``; one from before that, no longer.

    Nothing else changes: not the names of the entries, not the marks in its copy. Raises :class:`ClientRefused`.
    """
    if not timedelta(0) <= former_for <= LONGEST_FORMER:
        raise ClientRefused("former_too_long")
    standing, secret = _locked(client), make_secret()
    keeps = former_for > timedelta(0)
    standing.former_digest = standing.secret_digest if keeps else None
    standing.former_until = now + former_for if keeps else None
    standing.secret_digest = digest(standing.key_id, secret)
    standing.save(update_fields=["former_digest", "former_until", "secret_digest"])
    detail = {"former_hours": round(former_for.total_seconds() / 3600, 2)}
    journal.write("client_rotated", subject_of(client), now=now, by=by, detail=detail)
    client.refresh_from_db()
    return secret


@transaction.atomic
def revoke(client: ListClient, *, by: int | None, now: datetime) -> None:
    """Stop a client for ever: its next request is refused, in the middle of a reading too. Twice is as once."""
    standing = ListClient.objects.select_for_update().get(pk=client.pk)
    if standing.revoked_at is None:
        standing.revoked_at, standing.secret_digest = now, b""
        standing.former_digest = standing.former_until = None
        standing.save(update_fields=["revoked_at", "secret_digest", "former_digest", "former_until"])
        journal.write("client_revoked", subject_of(client), now=now, by=by)
    client.refresh_from_db()


def authenticate(key_id: str, secret: str, *, now: datetime) -> ListClient | None:
    """The client that shows this name and this secret, or None. An unknown name costs what a wrong secret costs.

    Ask at every request: nothing may be remembered of an earlier one.
    """
    found = ListClient.objects.filter(key_id=key_id if is_key_id(key_id) else "", revoked_at__isnull=True).first()
    kept = bytes(found.secret_digest) if found else NO_DIGEST
    is_former_taken = found is not None and found.former_until is not None and now < found.former_until
    former = bytes(found.former_digest or NO_DIGEST) if found and is_former_taken else NO_DIGEST
    is_right = is_one_of(digest(key_id, secret), kept, former)
    return found if is_right else None


def limits_of(client: ListClient) -> Limits:
    """What a client may do now."""
    names = Subscription.objects.filter(client=client.pk).values_list("list_name", flat=True)
    return Limits(
        lists=frozenset(ListName(name) for name in names),
        may_hold_lists=client.may_hold_lists,
        may_ask=client.may_ask,
        is_cautious=client.is_cautious,
        calls_per_minute=client.calls_per_minute,
        questions_per_day=client.questions_per_day,
    )


def _problems(limits: Limits) -> list[str]:
    found = {
        "lists_missing": not limits.lists,
        "allowed_nothing": not limits.may_hold_lists and not limits.may_ask,
        "calls_out_of_range": not FEWEST_CALLS <= limits.calls_per_minute <= MOST_CALLS,
        "questions_out_of_range": not 0 <= limits.questions_per_day <= MOST_QUESTIONS,
    }
    return [reason for reason, is_found in found.items() if is_found]


def _fill(client: ListClient, limits: Limits) -> None:
    for name in Limits.__dataclass_fields__:
        if name != "lists":
            setattr(client, name, getattr(limits, name))


def _subscribe(client: ListClient, lists: Iterable[ListName]) -> None:
    wanted = {name.value for name in lists}
    Subscription.objects.filter(client=client).exclude(list_name__in=wanted).delete()
    known = set(Subscription.objects.filter(client=client).values_list("list_name", flat=True))
    Subscription.objects.bulk_create(Subscription(client=client, list_name=name) for name in sorted(wanted - known))


def _locked(client: ListClient) -> ListClient:
    standing = ListClient.objects.select_for_update().get(pk=client.pk)
    if standing.revoked_at is not None:
        raise ClientRefused("revoked")
    return standing
