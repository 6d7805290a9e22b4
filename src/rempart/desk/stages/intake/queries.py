"""Questions about what arrived."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from rempart.desk.registers.vault import sealing
from rempart.desk.registers.vault.sealing import CaseKeys
from rempart.desk.rules.locator import Locator, LocatorKind, read_locators
from rempart.desk.stages.intake.errors import NoSuchCase
from rempart.desk.stages.intake.models import Case, Item, Message, Report


def reference(report: Report, prefix: str) -> str:
    """The number people quote: ``R-2026-000123``. Tells the year and the order, nothing else."""
    return f"{prefix}-{report.received_at.year}-{report.pk:06d}"


def typed(item: Item) -> str:
    """The address as the reporter typed it; empty once forgotten."""
    return sealing.unseal(item.sealed_typed) if item.sealed_typed is not None else ""


def canonical(item: Item) -> str:
    """The canonical address; empty without one, or once forgotten."""
    if item.address is None or item.address.sealed is None:
        return ""
    return sealing.unseal(item.address.sealed)


def locator(item: Item) -> Locator | None:
    """The address of an item with its host, site and account, or None without one."""
    if item.kind == LocatorKind.NO_LINK or item.sealed_typed is None:
        return None
    found = read_locators(typed(item))
    return found[0] if found else None


def story(report: Report) -> str:
    """What the reporter wrote; empty when nothing, or forgotten."""
    return sealing.unseal(report.sealed_story) if report.sealed_story is not None else ""


def case_of(keys: CaseKeys) -> Case:
    """The case a code opens. Raises :class:`NoSuchCase`."""
    case = Case.objects.filter(lookup=keys.lookup).first()
    if case is None:
        raise NoSuchCase("no_such_case")
    return case


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a case mailbox, opened."""

    is_from_reporter: bool
    text: str
    sent_at: datetime
    read_at: datetime | None


def has_unread(keys: CaseKeys) -> bool:
    """Whether we wrote something that the holder of the code has not seen yet."""
    return Message.objects.filter(case__lookup=keys.lookup, is_from_reporter=False, read_at__isnull=True).exists()


def mailbox(case: Case, keys: CaseKeys) -> list[Line]:
    """The messages as the holder of the code reads them, oldest first."""
    return [
        Line(message.is_from_reporter, keys.open(message.sealed_for_case), message.sent_at, message.read_at)
        for message in case.messages.order_by("pk")
    ]


def mailbox_for_staff(case: Case) -> list[Line]:
    """The messages as the staff reads them, oldest first."""
    return [
        Line(message.is_from_reporter, sealing.unseal(message.sealed_for_staff), message.sent_at, message.read_at)
        for message in case.messages.order_by("pk")
    ]


def same_address(item: Item) -> QuerySet[Item]:
    """Every other item with the same address, newest first."""
    return _others(item).filter(address_id=item.address_id) if item.address_id else Item.objects.none()


def same_host(item: Item) -> QuerySet[Item]:
    """Every other item on the same host, newest first."""
    digest = item.address.host_digest if item.address else None
    return _others(item).filter(address__host_digest=digest) if digest else Item.objects.none()


def same_account(item: Item) -> QuerySet[Item]:
    """Every other item of the same account, newest first."""
    digest = item.address.account_digest if item.address else None
    return _others(item).filter(address__account_digest=digest) if digest else Item.objects.none()


def _others(item: Item) -> QuerySet[Item]:
    return Item.objects.exclude(pk=item.pk).select_related("report").order_by("-pk")
