"""Words for what only the figures name. Everything else is named by the doors, from the enumerations of the rules."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rempart.desk.statistics.actions import Action
from rempart.desk.statistics.figure import MERGED, Unit
from rempart.desk.statistics.figures import Chapter
from rempart.desk.statistics.periods import PeriodName

Words = dict[str, Promise | str]

UNITS: Words = {
    Unit.REPORTS: _("reports"),
    Unit.ADDRESSES: _("addresses"),
    Unit.ITEMS: _("items"),
    Unit.NOTICES: _("notices"),
    Unit.READINGS: _("readings"),
    Unit.DUTIES: _("duties"),
    Unit.PROTECTIONS: _("protections"),
    Unit.FACTS: _("facts"),
    Unit.MATCHES: _("matches"),
    Unit.HOURS: _("hours"),
    Unit.PERCENT: _("percent"),
}

CHAPTERS: Words = {
    Chapter.ARRIVED: _("What arrived"),
    Chapter.DECIDED: _("What was decided"),
    Chapter.DONE: _("What was done"),
    Chapter.DELAYS: _("How long it took"),
    Chapter.PROTECTED: _("What was protected"),
    Chapter.PRECISION: _("How sure we are"),
    Chapter.STANDING: _("Where things stand now"),
}

PERIODS: Words = {
    PeriodName.THIS_MONTH: _("This month"),
    PeriodName.LAST_MONTH: _("Last month"),
    PeriodName.THIS_QUARTER: _("This quarter"),
    PeriodName.THIS_YEAR: _("This year"),
    PeriodName.LAST_YEAR: _("Last year"),
    PeriodName.CUSTOM: _("Other days"),
}

ACTIONS: Words = {
    Action.REMOVED: _("Removed"),
    Action.DISABLED: _("Access disabled"),
    Action.AGE_RESTRICTED: _("Restricted by age"),
    Action.OTHER_RESTRICTION: _("Restricted in another way"),
    Action.ACCOUNT_ACTION: _("Measure against the account"),
    Action.GONE_WITHOUT_REPLY: _("Gone, without a reply"),
    Action.REFUSED_AS_LAWFUL: _("Refused: held lawful"),
    Action.REFUSED_BY_TERMS: _("Refused: within the provider's terms"),
    Action.REFUSED_OTHERWISE: _("Refused, no ground given"),
    Action.ASKED_MORE: _("More information asked, nothing decided"),
    Action.WRONG_RECIPIENT: _("Said not to be the right recipient"),
    Action.NO_REPLY: _("No reply, still online"),
}

KINDS: Words = {"relapse": _("Relapses"), "appeal": _("Objections")}

MERGED_WORDS = _("Others (small numbers together)")
ALL_WORDS = _("The whole")
WITHHELD_WORDS = _("fewer than 5")
MONTHS: dict[int, Promise | str] = {
    1: pgettext_lazy("month", "January"),
    2: pgettext_lazy("month", "February"),
    3: pgettext_lazy("month", "March"),
    4: pgettext_lazy("month", "April"),
    5: pgettext_lazy("month", "May"),
    6: pgettext_lazy("month", "June"),
    7: pgettext_lazy("month", "July"),
    8: pgettext_lazy("month", "August"),
    9: pgettext_lazy("month", "September"),
    10: pgettext_lazy("month", "October"),
    11: pgettext_lazy("month", "November"),
    12: pgettext_lazy("month", "December"),
}


def month_words(key: str) -> str:
    """``2026-01`` in words."""
    year, _dash, month = key.partition("-")
    return f"{MONTHS[int(month)]} {year}"


def own_words(by: str, key: str) -> str | None:
    """The words of a key that only the figures know; None when another register of words must be asked."""
    if key == MERGED:
        return str(MERGED_WORDS)
    if not by:
        return str(ALL_WORDS)
    if by == "month":
        return month_words(key)
    found = {"kind": KINDS, "action": ACTIONS}.get(by, {}).get(key)
    return None if found is None else str(found)
