"""A dossier as a page made to be printed, and as a file. Its addresses are whole: the authority needs them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from rempart.desk.rules.access import Permission
from rempart.desk.rules.classification import WhyNoMapping
from rempart.desk.stages.action import queries as action
from rempart.desk.stages.action import steps
from rempart.desk.web.console.views.duties import find, shown
from rempart.desk.web.console.views.pages import page, staff
from rempart.desk.web.console.words import NO_MAPPING
from rempart.desk.web.shared.access import needs
from rempart.desk.web.shared.words import Words, words_of

GRADING = (
    ("category", "ContentCategory"),
    ("age", "AgeGroup"),
    ("gender", "Gender"),
    ("act", "Act"),
    ("virtual", "Virtual"),
    ("media", "MediaType"),
    ("commercial", "Commerciality"),
)
VOCABULARIES = {"iccam": "ICCAM", "ncmec": "NCMEC", "dsa": "DSA", "xarf": "XARF"}


@needs(Permission.SEND_DOSSIER)
@require_GET
def dossier(request: HttpRequest, duty_id: int) -> HttpResponse:
    """The dossier, to read and to print."""
    found = find(duty_id)
    data = action.dossier_of(found)
    if data is None:
        messages.warning(request, _("This dossier is not prepared yet."))
        return redirect("console:duty", duty_id=duty_id)
    steps.record_dossier_read(found, staff(request), as_file=False, now=timezone.now())
    graded = data.get("classification") or {}
    context = {
        "dossier": data,
        "prepared_at": _moment(data.get("prepared_at")),
        "assessed_at": _moment(data.get("assessed_at")),
        "first_seen_at": _moment(data["address"].get("first_seen_at")),
        "grading": _grading(graded.get("grading") or {}),
        "vocabularies": [(name, *_said(graded[key])) for key, name in VOCABULARIES.items() if key in graded],
        "law": _law(graded.get("french_law") or {}, staff(request).language),
        "reports": [{**one, "received_at": _moment(one.get("received_at"))} for one in data["reports"]],
        "prior": [{**one, "sent_at": _moment(one.get("sent_at"))} for one in data["prior_notices"]],
    }
    return page(request, "console/dossier.html", {**shown(found), **context}, here="duties")


def _moment(text: str | None) -> datetime | None:
    return localtime(datetime.fromisoformat(text)) if text else None


def _grading(grading: Mapping[str, Any]) -> list[Words]:
    said = [words_of(kind, grading.get(name)) for name, kind in GRADING]
    if grading.get("self_generated"):
        said.append(_("Self-generated"))
    return [words for words in said if words]


def _said(mapping: Mapping[str, Any]) -> tuple[str, Words]:
    """What a vocabulary says, on one line; or why it says nothing."""
    if "no_mapping" in mapping:
        return "", NO_MAPPING[WhyNoMapping(mapping["no_mapping"])]
    parts = [_line(name, value) for name, value in mapping.items()]
    return " · ".join(part for part in parts if part), ""


def _line(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return f"{name} {value}" if value not in (None, "") else ""


def _law(law: Mapping[str, Any], language: str) -> list[tuple[str, str, bool]]:
    title = "title_fr" if language == "fr" else "title_en"
    sure = [(basis["code"], basis[title], True) for basis in law.get("established", ())]
    return sure + [(basis["code"], basis[title], False) for basis in law.get("to_check", ())]


@needs(Permission.SEND_DOSSIER)
@require_GET
def dossier_json(request: HttpRequest, duty_id: int) -> HttpResponse:
    """The dossier as a file."""
    found = find(duty_id)
    data = action.dossier_of(found)
    if data is None:
        messages.warning(request, _("This dossier is not prepared yet."))
        return redirect("console:duty", duty_id=duty_id)
    steps.record_dossier_read(found, staff(request), as_file=True, now=timezone.now())
    name = f'attachment; filename="dossier-{duty_id}.json"'
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return HttpResponse(text, content_type="application/json; charset=utf-8", headers={"Content-Disposition": name})
