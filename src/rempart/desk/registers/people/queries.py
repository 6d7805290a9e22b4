"""Questions about the staff."""

from collections.abc import Iterable

from django.db.models import QuerySet

from rempart.desk.registers.people.models import Person
from rempart.desk.rules.access import ROLES, Permission


def everybody() -> QuerySet[Person]:
    """Every account, active ones first."""
    return Person.objects.order_by("-is_active", "display_name", "pk")


def colleagues_who_may(permission: Permission, person: Person) -> QuerySet[Person]:
    """Active colleagues of this person whose role has the permission."""
    roles = [role.value for role, permissions in ROLES.items() if permission in permissions]
    return Person.objects.filter(is_active=True, role__in=roles).exclude(pk=person.pk).order_by("display_name", "pk")


def names_of(ids: Iterable[int | None]) -> dict[int, str]:
    """Display names by id, for pages that show who did what."""
    wanted = {one for one in ids if one is not None}
    return dict(Person.objects.filter(pk__in=wanted).values_list("pk", "display_name"))
