"""The yearly report as CSV and JSON: the same lines as the page, complete enough to be read alone."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from rempart.desk.statistics.definitions import Definition
from rempart.desk.statistics.export import json_text, table_csv
from rempart.desk.statistics.spread import Spread
from rempart.desk.statistics.yearly import Line, YearlyReport

ContentLabel = Callable[[str], str]
ActionLabel = Callable[[str], str]

DEFINITIONS: dict[str, Definition] = {
    "addresses_notified": Definition(
        _("Addresses notified"),
        _(
            "One address brought before one provider by a notice sent in the period. An address notified again after it came "
            "back counts again; a reminder does not."
        ),
        "NoticedItem",
    ),
    "action": Definition(
        _("Action taken by the provider"),
        _(
            "What the provider's last deciding reply says it did; without such a reply, what our own looks saw on the day the "
            "report was made."
        ),
        "Reply, Watch",
    ),
    "receipt": Definition(
        _("Receipt"),
        _("Hours from the sending of the notice to the first reply of any kind; and the share of addresses that got one."),
        "Notice.sent_at, Reply.at",
    ),
    "decision": Definition(
        _("Decision"),
        _("Hours from the sending of the notice to the first reply that says removed or refused."),
        "Notice.sent_at, Reply.at",
    ),
    "removal": Definition(
        _("Verified removal"),
        _("Hours from the sending of the notice to the moment we saw the address gone, three looks in a row."),
        "Notice.sent_at, Watch.gone_at",
    ),
    "small_cells": Definition(
        _("Small numbers"),
        _(
            "No line stands for fewer than 5 addresses: smaller ones are counted together. A median or a 90th percentile of "
            "fewer than 5 delays is not given."
        ),
        "",
    ),
    "corrections": Definition(
        _("Corrections"),
        _(
            "Decisions of ours overturned after an objection, plus addresses that a provider said it was not the right "
            "recipient for."
        ),
        "Report.kind, Reply.answer",
    ),
    "protections": Definition(
        _("Protections"),
        _(
            "Pictures and videos that persons protected with us in the period. Fingerprints alone reach us, and platforms: "
            "nobody here sees the pictures. A match is an upload that a platform told us resembles one."
        ),
        "Protection, Entry.detail",
    ),
    "outside_field": Definition(
        _("Notices outside the area of expertise"),
        _("Addresses notified although their final decision is not illegal in our field. Under the status there must be none."),
        "Assessment.verdict",
    ),
}

COLUMNS = (
    "table", "provider", "content", "content_label", "action", "action_label", "unit", "count", "receipt_percent",
    "receipt_median_hours", "receipt_p90_hours", "decision_median_hours", "decision_p90_hours",
    "removal_median_hours", "removal_p90_hours", "from", "to", "time_zone",
)  # fmt: skip

_SUMMARY = {
    "reports_received": "reports",
    "addresses_reported": "addresses",
    "addresses_illegal": "addresses",
    "notices_sent": "notices",
    "reminders_sent": "notices",
    "addresses_notified": "addresses",
}
_TABLES = ("by_provider", "by_content", "by_action", "by_all")


def yearly_csv(report: YearlyReport, content_label: ContentLabel, action_label: ActionLabel) -> str:
    """Every table of the report, one under the other, told apart by the first column."""
    days = tuple(report.period.as_data().values())
    lines: list[Sequence[object]] = [
        (name, "", "", "", "", "", unit, getattr(report, name), *[None] * 7, *days) for name, unit in _SUMMARY.items()
    ]
    lines += [
        (f"protections_{name}", "", "", "", "", "", unit, "<5" if count is None else count, *[None] * 7, *days)
        for name, unit, count in _protections(report)
    ]
    for table in _TABLES:
        lines += [_cells(table, line, content_label, action_label, days) for line in getattr(report, table)]
    return table_csv(COLUMNS, lines)


def _protections(report: YearlyReport) -> tuple[tuple[str, str, int | None], ...]:
    found = report.protected
    return (
        ("declared", "protections", found.declared),
        ("ended", "protections", found.ended),
        ("matches", "matches", found.matches),
    )


def _cells(
    table: str, line: Line, content_label: ContentLabel, action_label: ActionLabel, days: Iterable[str]
) -> Sequence[object]:
    return (
        table, line.provider, line.content, content_label(line.content), line.action, action_label(line.action),
        "addresses", "<5" if line.count is None else line.count, line.receipt_percent,
        line.receipt.median, line.receipt.p90, line.decision.median, line.decision.p90,
        line.removal.median, line.removal.p90, *days,
    )  # fmt: skip


def yearly_json(report: YearlyReport) -> str:
    """The report as one JSON object, with its definitions in both languages."""
    flagger, precision = report.flagger, report.precision
    return json_text(
        {
            "report": "DSA article 22(3)",
            "period": report.period.as_data(),
            "made_at": report.made_at.isoformat(),
            "association": flagger.association,
            "contact": flagger.contact,
            "trusted_flagger": {
                "reference": flagger.reference,
                "coordinator": flagger.coordinator,
                "area": flagger.area,
            },
            "independence": flagger.independence,
            "definitions": {name: _said(definition) for name, definition in DEFINITIONS.items()},
            "summary": {name: {"count": getattr(report, name), "unit": unit} for name, unit in _SUMMARY.items()},
            "precision": {
                "objections_decided": precision.objections,
                "overturned": precision.overturned,
                "overturned_percent": precision.overturned_percent,
                "corrections": precision.corrections,
                "outside_field": precision.outside_field,
            },
            "protections": {
                "declared": report.protected.declared,
                "ended": report.protected.ended,
                "matches_told": report.protected.matches,
                "first_match": _spread_data(report.protected.first_match),
            },
            "tables": {table: [_line_data(line) for line in getattr(report, table)] for table in _TABLES},
        }
    )


def _said(definition: Definition) -> dict[str, Any]:
    return {"title": definition.title_in_both(), "definition": definition.sentence_in_both(), "source": definition.source}


def _line_data(line: Line) -> dict[str, Any]:
    data: dict[str, Any] = {part: getattr(line, part) for part in ("provider", "content", "action") if getattr(line, part)}
    return data | {
        "addresses": line.count,
        "is_withheld": line.count is None,
        "receipt_percent": line.receipt_percent,
        "receipt": _spread_data(line.receipt),
        "decision": _spread_data(line.decision),
        "removal": _spread_data(line.removal),
    }


def _spread_data(found: Spread) -> dict[str, Any]:
    return {"measured": found.count, "median_hours": found.median, "p90_hours": found.p90}
