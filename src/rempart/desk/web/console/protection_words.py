"""The words of protections for the staff: states, facts, reasons, advice. The public pages say theirs in their own words."""

from enum import Enum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rempart.desk.registers.bank import alarms
from rempart.desk.rules.looking import Reason
from rempart.desk.rules.protection import Age, Helper, Kind
from rempart.desk.rules.trust import Act, Fact, Trust, Vote
from rempart.desk.web.shared.words import Words

WORDS: dict[type[Enum], dict[str, Words]] = {
    Trust: {
        Trust.SELF_DECLARED: pgettext_lazy("protection", "Self-declared"),
        Trust.HELD: pgettext_lazy("protection", "Held"),
        Trust.CONFIRMED: pgettext_lazy("protection", "Confirmed"),
        Trust.DISPUTED: pgettext_lazy("protection", "Disputed"),
        Trust.WITHDRAWN: pgettext_lazy("protection", "Withdrawn"),
        Trust.EXPIRED: pgettext_lazy("protection", "Expired"),
    },
    Fact: {
        Fact.ALARM: _("Doubt: a person must look"),
        Fact.CLEARED: _("Doubt lifted"),
        Fact.VOUCHED: _("Confirmed by an analyst"),
        Fact.BLOCKED_BY_QUORUM: _("Several platforms that saw it blocked it"),
        Fact.REFUSED_BY_QUORUM: _("Several platforms that saw it did not block it"),
        Fact.WITHDRAWAL: _("The person took it back"),
        Fact.EXPIRY: _("Nobody renewed it"),
    },
    Kind: {Kind.PICTURE: pgettext_lazy("protection", "Picture"), Kind.VIDEO: pgettext_lazy("protection", "Video")},
    Age: {
        Age.UNDER_13: pgettext_lazy("protection", "Under 13"),
        Age.FROM_13_TO_15: pgettext_lazy("protection", "13 to 15"),
        Age.FROM_16_TO_17: pgettext_lazy("protection", "16 or 17"),
        Age.ADULT: pgettext_lazy("protection", "18 or over"),
    },
    Helper: {
        Helper.NOBODY: _("nobody: the person was alone"),
        Helper.PARENT: _("a parent"),
        Helper.PROFESSIONAL: _("a professional"),
    },
    Act: {
        Act.BLOCK: pgettext_lazy("advice", "block"),
        Act.REVIEW: pgettext_lazy("advice", "look first"),
        Act.COUNT: pgettext_lazy("advice", "let through, and count"),
        Act.NOTHING: pgettext_lazy("advice", "nothing"),
    },
    Vote: {Vote.BLOCKED: _("looked, and blocked it"), Vote.NOT_BLOCKED: _("looked, and did not block it")},
}

WHY: dict[str, Words] = {
    # What made the desk doubt, by itself.
    alarms.NOTHING_TO_SEE: _("hardly anything can be seen in it: too dark, too plain or too small"),
    alarms.DEGENERATE: _("only stripes or checks: such a fingerprint resembles many pictures"),
    alarms.WELL_KNOWN: _("it looks like a picture that everybody knows"),
    alarms.POPULAR: _("far too many different people sent it within one day"),
    # What a person says.
    Reason.PERSON_EXPLAINED: _("the person explained it in their own words"),
    Reason.REPORT_FITS: _("a report of the same case tells the same"),
    Reason.HELPER_CONFIRMS: _("a parent or a professional confirms it"),
    Reason.PLATFORM_TOLD: _("a platform that saw it told us"),
    Reason.LEAK_SPREADS: _("it is spreading: that is why so many send it"),
    Reason.FALSE_ALARM: _("the alarm was wrong about this kind of picture"),
    Reason.PUBLIC_PICTURE: _("somebody tells us that the picture is public"),
    Reason.NOBODY_IN_IT: _("what was written says that nobody is in it"),
    Reason.OBJECTION: _("somebody objects"),
    Reason.MISUSE: _("it looks meant to block what others publish"),
    # How it ended.
    "case_erased": _("the whole case was erased"),
    "forgotten": _("it had been taken back before a backup was put back"),
}

ASKED: dict[Fact, Words] = {
    Fact.VOUCHED: _("Confirm"),
    Fact.CLEARED: _("Lift the doubt"),
    Fact.ALARM: _("Raise a doubt"),
}
"""What the buttons say."""

MEANING: dict[Fact, Words] = {
    Fact.VOUCHED: _("From what the person wrote, or what a platform says: never from the picture, which nobody asks for."),
    Fact.CLEARED: _("There was no reason to doubt. The protection is self-declared again, as on its first day."),
    Fact.ALARM: _("Matches are only counted until a colleague has looked. The person is accused of nothing."),
}

DONE: dict[Fact, Words] = {
    Fact.VOUCHED: _("The protection is confirmed."),
    Fact.CLEARED: _("The doubt is lifted."),
    Fact.ALARM: _("The doubt is noted: a person will look."),
}

_BY_NAME = {kind.__name__: words for kind, words in WORDS.items()}


def said(value: str, kind: str) -> Words:
    """A value as a row keeps it, in words: ``said("held", "Trust")``; of ``why``, a word of no list as it stands."""
    if not value:
        return ""
    return WHY.get(value, value.replace("_", " ")) if kind == "why" else _BY_NAME[kind][value]


def choices(kind: type[Enum]) -> list[tuple[str, Words]]:
    """Value and words of each member, for a form field."""
    return [(member.value, words) for member, words in WORDS[kind].items()]  # type: ignore[attr-defined]
