"""Which platforms have the codes of a picture, in plain words; after its end, which ones do not know of it yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rempart.desk.registers.lists.readings import platforms_connected
from rempart.desk.registers.lists.whereabouts import Holder, Whereabouts, platforms_asking
from rempart.desk.rules.lists import ListName, list_of
from rempart.desk.rules.protection import Age

Lines = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether platforms read a list, or may at least ask about what people send there: what a page may say of them."""

    is_read: bool
    is_asked: bool


def reach(age: Age | None) -> Reach:
    """Of the list on which a picture of somebody of this age stands; of any, where the age is not known."""
    lists = list(ListName) if age is None else [list_of(age)]
    is_read = any(map(platforms_connected, lists))
    return Reach(is_read, is_read or any(map(platforms_asking, lists)))


def while_it_protects(where: Whereabouts, now: datetime) -> Lines:
    """Who has its codes; where nobody has, why."""
    found = [_who_has_it(where, now)]
    if where.lost:
        words = ngettext(
            "%(platforms)s had the codes and does not read our list at the moment: it may have them still.",
            "%(platforms)s had the codes and do not read our list at the moment: they may have them still.",
            len(where.lost),
        )
        found.append(words % {"platforms": ", ".join(where.lost)})
    if where.askers:
        words = ngettext(
            "Can ask us about what people send there, while the codes stay with us: %(platforms)s.",
            "Can ask us about what people send there, while the codes stay with us: %(platforms)s.",
            len(where.askers),
        )
        found.append(words % {"platforms": ", ".join(where.askers)})
    return tuple(filter(None, found))


def _who_has_it(where: Whereabouts, now: datetime) -> str:
    if where.holders:
        words = ngettext(
            "Has the codes: %(platforms)s.",
            "Have the codes: %(platforms)s.",
            len(where.holders),
        )
        return words % {"platforms": _with_times(where.holders, now)}
    if not where.is_read and not where.askers and not where.lost:
        return _(
            "No platform reads our list at the moment, so nothing is recognised yet. The codes are ready: the first platform "
            "that reads it gets them, and there is nothing to do again."
        )
    if not where.is_read:
        return _("No platform reads our list at the moment.")
    if not where.is_sent:
        return _(
            "None of the platforms that read our list has the codes yet. Each one reads it in its own time: this page says when."
        )
    return ""


def once_it_is_over(where: Whereabouts, now: datetime) -> Lines:
    """Who does not know of its end yet."""
    if not where.is_listed:
        return (_("No platform ever had the codes."),)
    found = []
    if where.holders:
        words = ngettext(
            "One platform has not read yet that it is over: %(platforms)s. Until it does, it may still recognise copies.",
            "%(number)s platforms have not read yet that it is over: %(platforms)s. "
            "Until they do, they may still recognise copies.",
            len(where.holders),
        )
        found.append(words % {"number": len(where.holders), "platforms": _with_times(where.holders, now)})
    if where.lost:
        words = ngettext(
            "Does not read our list at the moment, and may not know that it is over: %(platforms)s.",
            "Do not read our list at the moment, and may not know that it is over: %(platforms)s.",
            len(where.lost),
        )
        found.append(words % {"platforms": ", ".join(where.lost)})
    if not found and where.is_end_read:
        found.append(_("All the platforms that read our list have read that it is over."))
    return tuple(found)


def _with_times(holders: Iterable[Holder], now: datetime) -> str:
    return ", ".join(f"{name} ({_when(at, now)})" for name, at in holders)


def _when(at: datetime, now: datetime) -> str:
    """When it last read."""
    moment, today = timezone.localtime(at), timezone.localtime(now).date()
    said = {"date": date_format(moment, "j F Y"), "time": date_format(moment, "H:i")}
    if moment.date() == today:
        return _("read today at %(time)s") % said
    if moment.date() == today - timedelta(days=1):
        return _("read yesterday at %(time)s") % said
    return _("read on %(date)s") % said
