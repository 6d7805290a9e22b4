"""Small things several pages of the console share."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rempart.desk.web.console.words import refusals
from rempart.desk.web.shared.words import Words

HOLD_CHOICES: tuple[tuple[str, Words, timedelta], ...] = (
    ("hour", _("one hour"), timedelta(hours=1)),
    ("day", _("one day"), timedelta(days=1)),
    ("three_days", _("three days"), timedelta(days=3)),
    ("week", _("one week"), timedelta(days=7)),
)
"""How long an item may wait. No open end: what is on hold comes back by itself."""


def hold_until(chosen: str, now: datetime) -> datetime:
    """The end of the hold chosen; one day when the choice is not one of ours."""
    delays = {name: delay for name, _words, delay in HOLD_CHOICES}
    return now + delays.get(chosen, timedelta(days=1))


def tell(request: HttpRequest, refusal: Exception) -> None:
    """Say on the next page why a gesture was refused."""
    for sentence in refusals(getattr(refusal, "reasons", ("",))):
        messages.warning(request, str(sentence))


def number_of(request: HttpRequest, name: str) -> int | None:
    """A number that a form sends back; None when it is none."""
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
