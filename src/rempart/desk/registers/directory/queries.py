"""Questions to the directory: who is told about an address, and how to reach them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, QuerySet

from rempart.desk.registers.directory.models import TAKES_NOTICES, Channel, Contact, Recipient, RecipientDomain, RecipientKind
from rempart.desk.rules.duties import Recipients
from rempart.desk.rules.locator import Locator
from rempart.desk.rules.notice import EVERY_DAY

_RUNG = {kind.value: rung for rung, kind in enumerate(TAKES_NOTICES)}


@dataclass(frozen=True, slots=True)
class _Known:
    pk: int
    kind: str
    country: str


@dataclass(frozen=True, slots=True)
class Directory:
    """The directory as it stands at one moment, for many questions in a row."""

    by_domain: dict[str, tuple[_Known, ...]]
    police: tuple[_Known, ...]
    partners: dict[str, int]

    def recipients_for(self, locator: Locator | None, home_country: str) -> Recipients:
        """Whom to tell about this address; see :func:`recipients_for`."""
        ladder = self._ladder(locator) if locator is not None else ()
        country = _country_of(ladder)
        abroad = country if country != home_country.upper() else ""
        return Recipients(
            ladder=tuple(rung.pk for rung in ladder),
            authority=self._authority(home_country.upper()),
            partner=self.partners.get(abroad) if abroad else None,
        )

    def _ladder(self, locator: Locator) -> tuple[_Known, ...]:
        found: dict[int, tuple[int, int, _Known]] = {}
        for distance, name in enumerate(_names(locator)):
            for known in self.by_domain.get(name, ()):
                found.setdefault(known.pk, (_RUNG[known.kind], distance, known))
        return tuple(known for _, _, known in sorted(found.values(), key=lambda one: (one[0], one[1], one[2].pk)))

    def _authority(self, home_country: str) -> int | None:
        at_home = [unit.pk for unit in self.police if unit.country == home_country]
        return next(iter([*at_home, *(unit.pk for unit in self.police)]), None)


def _names(locator: Locator) -> Iterator[str]:
    """The host as it is, then without its port, then each domain above it."""
    if not locator.host:
        return
    yield locator.host
    name, colon, _ = locator.host.rpartition(":")
    host = name if colon and not locator.host.endswith("]") else locator.host
    if host != locator.host:
        yield host
    is_number = locator.site == host.strip("[]")
    while "." in host and not (is_number and host.replace(".", "").isdigit()):
        _, _, host = host.partition(".")
        yield host


def _country_of(ladder: tuple[_Known, ...]) -> str:
    """Where the content lies: the host's country when known, else that of the nearest recipient with one."""
    hosts = [rung.country for rung in ladder if rung.kind == RecipientKind.HOST and rung.country]
    return next(iter([*hosts, *(rung.country for rung in ladder if rung.country)]), "")


def load() -> Directory:
    """Read the directory once: active recipients; those who take notices only with an approved contact."""
    usable = Contact.objects.filter(recipient=OuterRef("recipient"), approved_at__isnull=False, retired_at__isnull=True)
    rows = RecipientDomain.objects.filter(Exists(usable), recipient__is_active=True, recipient__kind__in=list(_RUNG))
    by_domain: dict[str, list[_Known]] = defaultdict(list)
    for domain, pk, kind, country in rows.values_list("domain", "recipient_id", "recipient__kind", "recipient__country"):
        by_domain[domain].append(_Known(pk, kind, country))
    others = Recipient.objects.filter(kind__in=[RecipientKind.POLICE, RecipientKind.PARTNER_HOTLINE], is_active=True)
    found = [_Known(*row) for row in others.order_by("-pk").values_list("pk", "kind", "country")]
    return Directory(
        by_domain={domain: tuple(known) for domain, known in by_domain.items()},
        police=tuple(one for one in reversed(found) if one.kind == RecipientKind.POLICE),
        partners={one.country: one.pk for one in found if one.kind == RecipientKind.PARTNER_HOTLINE and one.country},
    )


def recipients_for(locator: Locator | None, home_country: str) -> Recipients:
    """Whom to tell about this address.

    The ladder goes from the platform to the host to the owner of the site, nearest domain first, and holds only active
    recipients with an approved contact. The authority is the active police unit (of the home country if there is one);
    the partner is the hotline of the country where the content lies, when that is abroad.
    """
    return load().recipients_for(locator, home_country)


def usable_contacts(recipient_ids: Iterable[int]) -> dict[int, Contact]:
    """The contact to use for each of these recipients: approved, not retired, e-mail before the rest. Missing: none."""
    rows = Contact.objects.filter(
        recipient_id__in=set(recipient_ids), recipient__is_active=True, approved_at__isnull=False, retired_at__isnull=True
    )
    best: dict[int, Contact] = {}
    for contact in sorted(rows.select_related("recipient"), key=lambda row: (row.channel != Channel.EMAIL, row.pk)):
        best.setdefault(contact.recipient_id, contact)
    return best


def usable_contact(recipient: Recipient) -> Contact | None:
    """The contact to use for this recipient, or None until a person approves one."""
    return usable_contacts([recipient.pk]).get(recipient.pk)


def working_days(recipient: Recipient) -> frozenset[int]:
    """The days this recipient works; Monday is 0."""
    return frozenset(int(day) for day in recipient.working_days) or EVERY_DAY


def local_time(recipient: Recipient, moment: datetime) -> datetime:
    """This moment as the recipient's clock shows it."""
    return moment.astimezone(ZoneInfo(recipient.time_zone))


def is_working(recipient: Recipient, now: datetime) -> bool:
    """Whether this is a working day where the recipient is."""
    return local_time(recipient, now).weekday() in working_days(recipient)


def help_services(country: str) -> QuerySet[Recipient]:
    """Active services of this country that can help a person."""
    rows = Recipient.objects.filter(kind=RecipientKind.HELP_SERVICE, is_active=True, country__in=[country.upper(), ""])
    return rows.prefetch_related("contacts").order_by("pk")
