"""Who can help, now: the national lines, with the hours their own pages give, and the help services our directory approved.

A line without hours here is one whose hours we could not read in a source we trust.
"""

from dataclasses import dataclass

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from rempart.desk.registers.directory.models import Channel, Contact, Recipient, RecipientKind
from rempart.desk.web.shared.words import Words

_ALWAYS = _("Day and night, every day")
_9_TO_23 = _("Every day, 9 a.m. to 11 p.m.")


@dataclass(frozen=True, slots=True)
class Line:
    """One number to call or to write to. ``number`` is how it is printed."""

    number: str
    name: Words
    about: Words
    hours: Words = ""
    is_text_message: bool = False

    @property
    def link(self) -> str:
        """What the telephone understands."""
        return f"{'sms' if self.is_text_message else 'tel'}:{self.number.replace(' ', '')}"

    @property
    def is_short(self) -> bool:
        """Whether the number is short enough to stand beside its words on a small screen."""
        return len(self.number) <= 4


POLICE = Line("17", _("Police"), _("Somebody is in danger: they come."), _ALWAYS)
EUROPE = Line(
    "112", _("Emergency, all Europe"), _("Police, fire or ambulance. From any phone, in any country of Europe."), _ALWAYS
)
TEXT = Line(
    "114",
    _("Emergency by text message"),
    _("If you cannot speak or hear, or if somebody must not hear you."),
    _ALWAYS,
    is_text_message=True,
)
CHILDHOOD = Line(
    "119",
    _("Children in danger"),
    _("For children and for anybody who worries about a child. The call is free and is not shown on the bill."),
    _ALWAYS,
)
DIGITAL = Line(
    "3018",
    _("Digital violence"),
    _("For young people and their parents: harassment, blackmail, images shared. They can help to have things removed fast."),
    _9_TO_23,
)
HEALTH = Line(
    "0 800 235 236",
    _("Fil Santé Jeunes"),
    _("From 12 to 25: body, love, feelings, worries. You need not give your name."),
    _9_TO_23,
)
VICTIMS = Line(
    "116 006",
    _("Help for victims"),
    _("Whatever happened: somebody listens and tells you your rights. They can call back."),
    _("Every day, 9 a.m. to 8 p.m."),
)
WOMEN = Line("3919", _("Violence against women"), _("To talk, to understand, to find help near you."), _ALWAYS)
MISSING = Line("116 000", _("Missing children"), _("A child has run away or cannot be found. The 116 000 helps the family."))
SUICIDE = Line("3114", _("Suicide prevention"), _("You think of dying, or you fear for somebody. A trained person answers."))
STOP = Line(
    "0 806 23 10 63",
    pgettext_lazy("name of a helpline", "STOP"),
    _("You have sexual thoughts about children and you want help so that nobody is hurt. They listen and do not judge."),
    _("Monday to Friday, 9 a.m. to 5 p.m."),
)

NOW = (POLICE, EUROPE, TEXT)
THREATENED = (DIGITAL, POLICE, EUROPE, TEXT)
FOR_THE_YOUNG = (CHILDHOOD, DIGITAL, HEALTH)
IMAGES = (DIGITAL,)
FOR_A_CHILD = (CHILDHOOD, MISSING)
FOR_ADULTS = (VICTIMS, WOMEN)
DANGER_OF_A_REPORT = (POLICE, EUROPE, TEXT, CHILDHOOD, DIGITAL)
"""What stands first when somebody says that there is danger now."""


def approved_services() -> list[Recipient]:
    """The active help services of the directory that have at least one contact a person approved."""
    approved = Contact.objects.filter(approved_at__isnull=False, retired_at__isnull=True).order_by("channel", "pk")
    rows = (
        Recipient.objects.filter(kind=RecipientKind.HELP_SERVICE, is_active=True, contacts__in=approved)
        .distinct()
        .order_by("name")
        .prefetch_related(Prefetch("contacts", approved, to_attr="approved_contacts"))
    )
    return list(rows)


def link_of(contact: Contact) -> str:
    """What a tap on this contact does; empty where nothing safe can be done (a form on another site is only shown)."""
    schemes = {Channel.PHONE.value: "tel", Channel.SMS.value: "sms", Channel.EMAIL.value: "mailto"}
    scheme = schemes.get(contact.channel)
    return f"{scheme}:{contact.address.replace(' ', '')}" if scheme else ""
