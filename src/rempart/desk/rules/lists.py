"""The lists that platforms read, and on which of them a protection stands. One list is one address, never mixed."""

from enum import StrEnum

from rempart.desk.rules.protection import Age


class ListName(StrEnum):
    """A list, as it stands in addresses. INHOPE's and Interpol's lists would each be another one."""

    MINORS = "minors"
    """Intimate pictures of persons under 18, protected by themselves or by somebody who helps them."""
    ADULTS = "adults"
    """Intimate pictures of adults, protected by themselves."""


def list_of(age: Age) -> ListName:
    """The list of a picture, from the age of the person in it."""
    return ListName.ADULTS if age is Age.ADULT else ListName.MINORS
