"""Where a reading of several pages goes on: sealed against change, and worth nothing to another client or for another list.

Its end is frozen: whatever changes meanwhile stands after it, and comes with the next reading. It does not expire.
"""

from typing import NamedTuple

from django.core import signing

from rempart.desk.registers.lists.models import ListClient
from rempart.desk.rules.lists import ListName
from rempart.desk.web.api import refusals

MOST_SIGNS = 400


class Place(NamedTuple):
    """``began``: what was asked at the first page; after which position to go on, up to which."""

    began: int
    after: int
    until: int


def write(place: Place, shape: str, client: ListClient, list_name: ListName) -> str:
    """A sign for the client to bring back."""
    return signing.dumps([client.pk, list_name.value, *place], salt=f"lists {shape}")


def read(text: str, shape: str, client: ListClient, list_name: ListName) -> Place:
    """Raises Refusal."""
    try:
        told = signing.loads(text, salt=f"lists {shape}") if len(text) <= MOST_SIGNS else []
        client_number, name, *place = told
        if (client_number, name) != (client.pk, list_name.value):
            raise ValueError("of another client")
        return Place(*map(int, place))
    except (signing.BadSignature, ValueError, TypeError):
        sentence = "This cursor was not given to this client for this list; begin again without it."
        raise refusals.bad_request(sentence, "unknown_cursor") from None
