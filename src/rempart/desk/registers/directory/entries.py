"""What an entry of the directory may hold: cleaning and checking, without the database."""

import re
from dataclasses import dataclass, replace
from functools import cache
from zoneinfo import available_timezones

from publicsuffixlist import PublicSuffixList

from rempart.desk.registers.directory.errors import DirectoryRefused
from rempart.desk.registers.directory.models import Channel, RecipientKind
from rempart.desk.rules.locator import LocatorKind, read_locators

LANGUAGES = ("fr", "en")
MAX_NAME, MAX_HOURS, MAX_ADDRESS, MAX_ABOUT, MAX_DOMAIN = 120, 120, 254, 5_000, 253

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_{{|}}~-]{{1,64}}@(?:{_LABEL}\.)+[A-Za-z0-9-]{{2,63}}")
_LOCAL_EMAIL = re.compile(r"[A-Za-z0-9.+_-]{1,64}@(?:localhost|[A-Za-z0-9-]{1,63}\.localhost)")
_NUMBER = re.compile(r"\+?[0-9][0-9 .()-]{1,30}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Details:
    """What is said of one recipient. ``working_days``: "01234", Monday is 0; empty means every day."""

    kind: RecipientKind
    name: str
    country: str = ""
    language: str = "en"
    working_days: str = ""
    time_zone: str = "Europe/Paris"
    opening_hours: str = ""
    about: str = ""
    is_active: bool = True


def one_line(text: str) -> str:
    """The text on one line, without control characters or outer spaces."""
    return " ".join(_CONTROL.sub(" ", text).split())


def cleaned(details: Details) -> Details:
    """The details as they are kept. Raises :class:`DirectoryRefused`."""
    tidy = replace(
        details,
        name=one_line(details.name),
        country=one_line(details.country).upper(),
        language=one_line(details.language).lower(),
        working_days="".join(sorted(set(one_line(details.working_days)))),
        time_zone=one_line(details.time_zone),
        opening_hours=one_line(details.opening_hours),
        about=_CONTROL.sub(" ", details.about.replace("\r\n", "\n").replace("\r", "\n")).strip(),
    )
    wrong = problems(tidy)
    if wrong:
        raise DirectoryRefused(*wrong)
    return tidy


def problems(details: Details) -> tuple[str, ...]:
    """Machine-readable reasons why these details cannot be kept; empty when they can."""
    is_too_long = len(details.name) > MAX_NAME or len(details.opening_hours) > MAX_HOURS or len(details.about) > MAX_ABOUT
    found = {
        "name_missing": not details.name,
        "too_long": is_too_long,
        "country_unreadable": details.country != "" and not re.fullmatch(r"[A-Z]{2}", details.country),
        "language_unknown": details.language not in LANGUAGES,
        "working_days_unreadable": not set(details.working_days) <= set("0123456"),
        "time_zone_unknown": details.time_zone not in _time_zones(),
    }
    return tuple(reason for reason, is_found in found.items() if is_found)


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)


def clean_domain(text: str) -> str:
    """The host name a recipient answers for, in lower case ASCII, with its port if one was given.

    Takes a whole address too. A bare ending such as ``com`` or ``co.uk`` is nobody's. Raises :class:`DirectoryRefused`.
    """
    typed = re.sub(r"^[a-z]+://", "", one_line(text).lower())
    found = read_locators(f"https://{typed.removeprefix('www.')}/")
    is_one_address = " " not in typed and len(found) == 1 and found[0].kind is LocatorKind.URL
    host = (found[0].host or "") if is_one_address else ""
    if not host or len(host) > MAX_DOMAIN or (host != "localhost" and _suffixes().is_public(host)):
        raise DirectoryRefused("domain_unreadable")
    return host


def clean_contact(channel: Channel, text: str) -> str:
    """The address of a contact as it is kept. Raises :class:`DirectoryRefused`."""
    address = one_line(text)
    if "|" in address:
        # The sign that stands between two contacts in a file.
        raise DirectoryRefused("contact_unreadable")
    if not address or len(address) > MAX_ADDRESS or not _is_readable(channel, address):
        raise DirectoryRefused("contact_unreadable")
    return address


def _is_readable(channel: Channel, address: str) -> bool:
    match channel:
        case Channel.EMAIL:
            return bool(_EMAIL.fullmatch(address) or _LOCAL_EMAIL.fullmatch(address))
        case Channel.WEB_FORM:
            return address.startswith(("https://", "http://"))
        case Channel.PHONE | Channel.SMS:
            return bool(_NUMBER.fullmatch(address))
        case Channel.POST:
            return True
