"""The cast of the rehearsal: invented staff and an invented directory, made through the same steps as real ones."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import translation

from rempart.desk.registers.directory import steps as directory
from rempart.desk.registers.directory.entries import Details
from rempart.desk.registers.directory.models import Channel, Recipient, RecipientKind
from rempart.desk.registers.people import steps as people
from rempart.desk.registers.people.models import Person
from rempart.desk.rehearsal.hosts import BY_NAME, HOSTS, Host, sites_under
from rempart.desk.rehearsal.people import PASSWORD, PLAYERS

WORKDAYS = "01234"

Entry = tuple[Details, Sequence[str], Sequence[tuple[Channel, str]]]
"""One recipient: what is said of it, its domains, its contacts."""

BEYOND_HOSTS: tuple[Entry, ...] = (
    (
        Details(RecipientKind.POLICE, "Brigade numérique (inventée)", "FR", "fr", about="An invented police unit."),
        (),
        ((Channel.EMAIL, "dossiers@brigade.localhost"),),
    ),
    (
        Details(
            RecipientKind.PARTNER_HOTLINE, "Havn (invented)", "NO", "en", WORKDAYS, "Europe/Oslo", about="An invented hotline."
        ),
        (),
        ((Channel.EMAIL, "desk@havn.localhost"),),
    ),
    (
        Details(RecipientKind.HELP_SERVICE, "Ligne Soleil (inventée)", "FR", "fr", opening_hours="24 h/24, 7 j/7"),
        (),
        ((Channel.PHONE, "01 99 00 00 01"), (Channel.EMAIL, "ecoute@soleil.localhost")),
    ),
    (
        Details(RecipientKind.HELP_SERVICE, "Maison des familles (inventée)", "FR", "fr", WORKDAYS, opening_hours="9 h – 18 h"),
        (),
        ((Channel.PHONE, "01 99 00 00 02"),),
    ),
)


def make_people(now: datetime) -> dict[str, Person]:
    """The staff, with second factors everybody knows."""
    made = {}
    for player in PLAYERS:
        person = people.create_person(
            player.sign_in_name, player.display_name, player.role, PASSWORD, now=now, language=player.language
        )
        people.enrol_known_totp(person, player.totp_secret, now)
        made[player.sign_in_name] = person
    return made


def make_directory(approver: Person, now: datetime) -> None:
    """Hosts, platforms, police, partner and help services; their contacts approved by a person."""
    for details, domains, contacts in (*map(_entry_of, HOSTS), *BEYOND_HOSTS):
        recipient = directory.add_recipient(details, by=approver.pk, now=now)
        _furnish(recipient, domains, contacts, approver, now)


def _furnish(
    recipient: Recipient, domains: Sequence[str], contacts: Sequence[tuple[Channel, str]], approver: Person, now: datetime
) -> None:
    for domain in domains:
        directory.add_domain(recipient, domain, by=approver.pk, now=now)
    for channel, address in contacts:
        contact = directory.add_contact(recipient, channel, address, found_by="rehearsal", now=now, by=approver.pk)
        directory.approve_contact(contact, by=approver.pk, now=now)


def _entry_of(host: Host) -> Entry:
    """A company answers for the sites it hosts too; the owner of a hosted site is the next rung of the ladder."""
    with translation.override(host.language):
        about = str(host.about)
    zone = "Europe/Oslo" if host.country == "NO" else "Europe/Paris"
    details = Details(_kind_of(host), host.title, host.country, host.language, WORKDAYS, zone, about=about)
    domains = [BY_NAME[name].domain for name in sites_under(host)]
    return details, domains, ((Channel.EMAIL, host.mailbox),)


def _kind_of(host: Host) -> RecipientKind:
    if host.is_platform:
        return RecipientKind.PLATFORM
    return RecipientKind.SITE_OWNER if host.hosted_by else RecipientKind.HOST
