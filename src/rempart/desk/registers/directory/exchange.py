"""The directory as a CSV file, both ways. Coming in approves nothing; going out, nothing runs in a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, NamedTuple

from django.db import transaction

from rempart.desk.registers.directory import changes
from rempart.desk.registers.directory.entries import Details, one_line
from rempart.desk.registers.directory.errors import DirectoryRefused
from rempart.desk.registers.directory.models import Channel, Recipient, RecipientKind

COLUMNS = (
    "kind",
    "name",
    "country",
    "language",
    "working_days",
    "time_zone",
    "opening_hours",
    "about",
    "is_active",
    "domains",
    "contacts",
)
FOUND_BY = "csv"
BETWEEN = " | "
"""Between two domains or two contacts of one cell."""

_RUNS_IN_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r", "'")
_ALIASES: Mapping[str, str] = {
    "type": "kind",
    "genre": "kind",
    "nom": "name",
    "pays": "country",
    "langue": "language",
    "jours": "working_days",
    "jours ouvrés": "working_days",
    "fuseau": "time_zone",
    "fuseau horaire": "time_zone",
    "horaires": "opening_hours",
    "à propos": "about",
    "actif": "is_active",
    "domaines": "domains",
    "adresses": "contacts",
}
_KINDS: Mapping[str, RecipientKind] = {
    **{kind.value: kind for kind in RecipientKind},
    "plateforme": RecipientKind.PLATFORM,
    "hébergeur": RecipientKind.HOST,
    "éditeur": RecipientKind.SITE_OWNER,
    "propriétaire": RecipientKind.SITE_OWNER,
    "partenaire": RecipientKind.PARTNER_HOTLINE,
    "aide": RecipientKind.HELP_SERVICE,
}
_YES, _NO = frozenset({"yes", "true", "1", "oui", "vrai"}), frozenset({"no", "false", "0", "non", "faux"})


class LineError(NamedTuple):
    """Why a line was left out."""

    line_number: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did. Lines in ``errors`` were left out, the others kept."""

    added: int
    changed: int
    errors: tuple[LineError, ...]


def export_csv() -> str:
    """The whole directory, with contacts that are not retired. Approvals stay behind: they are somebody's word, not data."""
    output = io.StringIO()
    writer = csv.writer(output, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for recipient in Recipient.objects.prefetch_related("domains", "contacts").order_by("kind", "name"):
        writer.writerow([_harmless(value) for value in _cells(recipient)])
    return output.getvalue()


def _cells(recipient: Recipient) -> list[str]:
    standing = [contact for contact in recipient.contacts.all() if contact.retired_at is None]
    return [
        recipient.kind,
        recipient.name,
        recipient.country,
        recipient.language,
        recipient.working_days,
        recipient.time_zone,
        recipient.opening_hours,
        recipient.about,
        "yes" if recipient.is_active else "no",
        BETWEEN.join(sorted(row.domain for row in recipient.domains.all())),
        BETWEEN.join(f"{row.channel}:{row.address}" for row in sorted(standing, key=lambda row: (row.channel, row.address))),
    ]


def _harmless(value: str) -> str:
    """A cell that a spreadsheet would run as a formula is written as text."""
    return f"'{value}" if value.startswith(_RUNS_IN_A_SPREADSHEET) else value


def _as_written(value: str) -> str:
    return value[1:] if value[:1] == "'" and value[1:].startswith(_RUNS_IN_A_SPREADSHEET) else value


@transaction.atomic
def import_csv(text: str, *, by: int, now: datetime) -> ImportResult:
    """Add and change recipients from a file; an empty cell leaves what stands. Importing twice changes nothing more.

    Forgiving about the separator (``;`` ``,`` tab), a byte-order mark, the case and the language of the headings.
    """
    counts = {"added": 0, "changed": 0, "same": 0}
    errors = []
    for number, row in _rows(text):
        try:
            with transaction.atomic():
                counts[_keep(row, by, now)] += 1
        except DirectoryRefused as refused:
            errors.append(LineError(number, refused.reasons[0]))
    return ImportResult(added=counts["added"], changed=counts["changed"], errors=tuple(errors))


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line that holds something, with the number of its first line in the file."""
    clean = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    heading = clean.partition("\n")[0]
    separator = max((";", ",", "\t"), key=heading.count)
    reader = csv.reader(io.StringIO(clean), delimiter=separator)
    names = [_column(name) for name in next(reader, [])]
    begins = reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield begins, {name: _as_written(cell) for name, cell in zip(names, cells, strict=False)}
        begins = reader.line_num + 1


def _column(heading: str) -> str:
    name = one_line(_as_written(heading)).lower()
    return _ALIASES.get(name, name.replace(" ", "_"))


def _keep(row: Mapping[str, str], by: int, now: datetime) -> Literal["added", "changed", "same"]:
    kind = _KINDS.get(one_line(row.get("kind", "")).lower())
    if kind is None:
        raise DirectoryRefused("kind_unknown")
    name = one_line(row.get("name", ""))
    known = Recipient.objects.filter(kind=kind, name=name).first()
    details = _details(row, _standing(known) if known else Details(kind=kind, name=name))
    if known is None:
        recipient = changes.add_recipient(details, by=by, now=now)
        _add_ways(recipient, row, by, now)
        return "added"
    is_changed = changes.change_recipient(known, details, by=by, now=now)
    is_longer = _add_ways(known, row, by, now)
    return "changed" if is_changed or is_longer else "same"


def _standing(recipient: Recipient) -> Details:
    return Details(
        kind=RecipientKind(recipient.kind),
        name=recipient.name,
        country=recipient.country,
        language=recipient.language,
        working_days=recipient.working_days,
        time_zone=recipient.time_zone,
        opening_hours=recipient.opening_hours,
        about=recipient.about,
        is_active=recipient.is_active,
    )


def _details(row: Mapping[str, str], standing: Details) -> Details:
    def said(name: str) -> str:
        cell = row.get(name, "")
        return cell if cell.strip() else str(getattr(standing, name))

    return replace(
        standing,
        country=said("country"),
        language=said("language"),
        working_days=said("working_days"),
        time_zone=said("time_zone"),
        opening_hours=said("opening_hours"),
        about=said("about"),
        is_active=_yes_or_no(row.get("is_active", ""), standing.is_active),
    )


def _yes_or_no(cell: str, standing: bool) -> bool:
    word = one_line(cell).lower()
    if word and word not in _YES | _NO:
        raise DirectoryRefused("is_active_unreadable")
    return word in _YES if word else standing


def _add_ways(recipient: Recipient, row: Mapping[str, str], by: int, now: datetime) -> bool:
    """Add the domains and contacts named; nothing is ever taken away by a file. Whether there was anything new."""
    is_new = [changes.add_domain(recipient, domain, by=by, now=now) for domain in _several(row.get("domains", ""))]
    before = recipient.contacts.count()
    for text in _several(row.get("contacts", "")):
        channel, colon, address = text.partition(":")
        if not colon or channel.strip().lower() not in list(Channel):
            raise DirectoryRefused("channel_unknown")
        changes.add_contact(recipient, Channel(channel.strip().lower()), address, found_by=FOUND_BY, now=now, by=by)
    return any(is_new) or recipient.contacts.count() > before


def _several(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(BETWEEN.strip()) if part.strip()]
