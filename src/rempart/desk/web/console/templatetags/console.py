"""``{{ duty.failure|failure }}``, ``{{ entry.verb|verb }}``, ``{{ moment|ago:now }}``: words and durations of the console."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.template import Context
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rempart.desk.web.console import protection_words
from rempart.desk.web.console.acts import failure_words, outcome_words, verb_words
from rempart.desk.web.console.views import pages
from rempart.desk.web.shared.words import Words

register = template.Library()


@register.simple_tag(takes_context=True)
def desk_of(context: Context) -> dict[str, Any]:
    """What surrounds a page: the person, the doors, the keys, what may be undone. Empty for a stranger."""
    request = context.get("request")
    return pages.desk_of(request) if request is not None else {}


@register.filter
def outcome(value: str) -> Words:
    """How a duty ended, in words."""
    return outcome_words(value)


@register.filter
def verb(value: str) -> Words:
    """An act of the journal in words."""
    return verb_words(value)


@register.filter
def said(value: str, kind: str) -> Words:
    """A word of a protection: ``{{ one.trust|said:"Trust" }}``."""
    return protection_words.said(value, kind)


@register.filter
def failure(value: str) -> Words:
    """Why a duty failed, in words."""
    return failure_words(value)


@register.filter
def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in the one unit that matters."""
    return duration(now - moment)


@register.filter
def until(moment: datetime, now: datetime) -> str:
    """How long until then, in the one unit that matters."""
    return duration(moment - now)


def duration(span: timedelta) -> str:
    """A span of time in one unit: minutes, hours or days."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 1:
        return _("less than a minute")
    if minutes < 90:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        hours = round(minutes / 60)
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = round(minutes / 1440)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
