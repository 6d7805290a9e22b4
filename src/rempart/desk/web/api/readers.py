"""What the shapes share: who a client's members are, and a line in the journal for what it was sent."""

from collections.abc import Sequence

from django.conf import settings

from rempart.desk.outlets.lists import opinions
from rempart.desk.outlets.lists.opinions import Members
from rempart.desk.registers.lists import clients, readings
from rempart.desk.registers.lists.entries import Page
from rempart.desk.registers.lists.hearing import name_for
from rempart.desk.registers.lists.models import ListClient
from rempart.desk.web.api.door import Asking


def members_of(client: ListClient) -> Members:
    """Those that this client sees."""
    number = client.platform_number
    name = readings.platform_names([number]).get(number, client.label)
    return opinions.members(settings.REMPART.association, number, name)


def note(asking: Asking, page: Page, *, after: int) -> None:
    """Who was sent what, and how far it is now."""
    clients.note_read(asking.client, asking.list_name, max(after, page.position), len(page.entries), now=asking.now, after=after)


class Namer:
    """What this client calls entries."""

    def __init__(self, client: ListClient) -> None:
        self.client = client

    def __call__(self, entry: int) -> str:
        return name_for(self.client, entry)


def parameter(asking: Asking, name: str) -> str | None:
    """A parameter of the address, once; None where it is missing."""
    values: Sequence[str] = asking.request.GET.getlist(name)
    return values[0] if values else None
