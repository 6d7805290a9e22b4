"""What every page of the console is drawn with."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rempart.desk.registers.bank import queries as bank
from rempart.desk.registers.people.models import Person
from rempart.desk.rules.access import Permission
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.triage import waiting
from rempart.desk.web.console.words import KEYS
from rempart.desk.web.shared.words import Words


@dataclass(frozen=True, slots=True)
class Door:
    """One entry of the navigation."""

    name: str
    words: Words
    permission: Permission
    about: Words = ""

    @property
    def address(self) -> str:
        """What ``url`` calls it."""
        return f"console:{self.name}"


DOORS = (
    Door("queue", _("Queue"), Permission.READ_QUEUE),
    Door("duties", _("Duties"), Permission.READ_QUEUE),
    Door("notices", _("Notices"), Permission.READ_QUEUE),
    Door("protections", _("Protections"), Permission.READ_PROTECTIONS),
    Door("directory", _("Directory"), Permission.READ_DIRECTORY, _("Who can be told, and how.")),
    Door("clients", _("Platforms"), Permission.MANAGE_CLIENTS, _("Platforms that read our lists.")),
    Door("figures", _("Figures"), Permission.READ_FIGURES, _("What was done, counted.")),
    Door("journal", _("Journal"), Permission.READ_JOURNAL, _("Who did what, and when.")),
    Door("people", _("Staff"), Permission.MANAGE_PEOPLE, _("Accounts and roles.")),
)


def staff(request: HttpRequest) -> Person:
    """The signed-in person; pages that call this are never public."""
    if not isinstance(request.user, Person):
        raise TypeError("a staff page was reached without signing in")
    return request.user


def _undoable(person: Person, now: datetime) -> Any:
    """The last reading that can still be taken back, with the reference people know it by."""
    found: Any = waiting.undoable(person, now=now)
    if found is not None:
        found.reference = intake.reference(found.item.report, settings.REMPART.reference_prefix)
    return found


def _protections_waiting(person: Person) -> int:
    """How many wait for a person to look, for those who may say what they saw."""
    return sum(bank.waiting_counts().values()) if person.may(Permission.DECIDE_PROTECTIONS) else 0


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    here: str = "",
    status: int = 200,
    now: datetime | None = None,
) -> HttpResponse:
    """A page of the console with its navigation, its keys, and what may still be undone."""
    desk = desk_of(request)
    shared = {name: desk[name] for name in ("person", "may")}
    moment = now or timezone.now()
    return render(request, template, {**shared, "here": here, "now": moment, **(context or {})}, status=status)


def desk_of(request: HttpRequest) -> dict[str, Any]:
    """What surrounds every page of a signed-in person; empty for a stranger. Computed once a request."""
    known: dict[str, Any] | None = getattr(request, "desk", None)
    if known is not None:
        return known
    person = getattr(request, "user", None)
    desk = _desk_of(person) if isinstance(person, Person) else {}
    request.desk = desk  # type: ignore[attr-defined]
    return desk


def _desk_of(person: Person) -> dict[str, Any]:
    return {
        "person": person,
        "doors": [door for door in DOORS if person.may(door.permission)],
        "keys": KEYS if person.has_shortcuts else (),
        "undoable": _undoable(person, timezone.now()) if person.may(Permission.ASSESS) else None,
        "protections_waiting": _protections_waiting(person),
        "may": {permission.value: person.may(permission) for permission in Permission},
    }
