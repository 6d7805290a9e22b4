"""The figures page, its files and the yearly report, as people of the staff get them."""

from __future__ import annotations

import csv
import io
import json
import re
import time

import pytest
from django.test import Client
from django.urls import reverse

from rempart.desk.registers.people.models import Person
from rempart.desk.web.console import sessions
from tests import cast
from tests.statistics import histories as made
from tests.statistics.histories import NOON

pytestmark = pytest.mark.django_db
MARCH = {"period": "custom", "from": "2026-03-01", "to": "2026-03-31"}
NAMES = ("figures", "figures-csv", "figures-json", "yearly-report", "yearly-report-csv", "yearly-report-json")
MARKER = "marqueur-d-une-adresse"


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    session = client.session
    session[sessions.BEGAN] = session[sessions.SEEN] = time.time()
    session[sessions.FACTOR] = sessions.factor_mark(person)
    session.save()
    return client


@pytest.fixture
def history() -> None:
    """Seven addresses notified to one provider and removed, three to another; one report by a real step, with words in it."""
    cast.receive(f"https://{MARKER}.example/x", cast.LINA, now=NOON)
    for provider, number in (("=Alpha <b>", 7), ("Beta", 3)):
        for _ in range(number):
            one = made.item()
            made.decide(one)
            notice = made.notify(one, to=provider)
            made.reply(one, notice, "removed", after=3)
            made.gone(one, notice, after=8)


@pytest.mark.parametrize("name", NAMES)
def test_only_who_may_read_figures_reads_them(name: str) -> None:
    assert Client().get(reverse(f"console:{name}")).status_code == 302
    assert signed_in(cast.wassim()).get(reverse(f"console:{name}")).status_code == 200
    assert signed_in(cast.wassim()).post(reverse(f"console:{name}")).status_code == 405


@pytest.mark.usefixtures("history")
def test_the_page_shows_numbers_units_definitions_and_charts() -> None:
    page = signed_in(cast.idris()).get(reverse("console:figures"), MARCH).content.decode()
    assert "From 1 March 2026 to 31 March 2026" in page
    assert "Reports received" in page
    assert "One report is what one person or partner sent" in page
    assert 'role="img"' in page
    assert not re.search(r"<[^>]+\sstyle=", page)
    assert "=Alpha &lt;b&gt;" in page
    assert MARKER not in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


@pytest.mark.usefixtures("history")
def test_the_page_speaks_french_and_its_drawings_keep_decimal_points() -> None:
    page = signed_in(cast.camille()).get(reverse("console:figures"), MARCH).content.decode()
    assert "Signalements reçus" in page
    for number in re.findall(r'\s(?:width|x|y|x1|x2|y1|y2)="([^"]+)"', page):
        float(number)


def test_unreadable_days_are_said() -> None:
    answer = signed_in(cast.idris()).get(reverse("console:figures"), MARCH | {"from": "2026-04-02"})
    assert answer.status_code == 400
    assert "These days cannot be read" in answer.content.decode()


@pytest.mark.usefixtures("history")
def test_files_are_safe_dated_and_merged() -> None:
    client = signed_in(cast.wassim())
    answer = client.get(reverse("console:figures-csv"), MARCH | {"language": "fr"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="figures-2026-03-01-2026-03-31.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert all(line["definition"] and line["unit"] and line["from"] == "2026-03-01" for line in lines)
    assert not any(cell.startswith(("=", "+", "@")) for line in lines for cell in line.values())
    notices = [line for line in lines if line["figure"] == "notices_by_recipient"]
    assert [(line["row"], line["count"]) for line in notices] == [("merged", "10")]
    data = json.loads(client.get(reverse("console:figures-json"), MARCH).content)
    assert {figure["unit"] for figure in data["figures"]} >= {"reports", "addresses", "items", "hours", "percent"}


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(("language", "words"), [("fr", "Rapport sur les notifications"), ("en", "Report on the notices")])
def test_the_yearly_report_speaks_both_languages(language: str, words: str) -> None:
    client = signed_in(cast.wassim())
    answer = client.get(reverse("console:yearly-report"), {"year": "2026", "language": language})
    page = answer.content.decode()
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in page
    assert words in page
    assert page.count("<h1") == 1
    lines = client.get(reverse("console:yearly-report-csv"), {"year": "2026", "language": language}).content.decode("utf-8-sig")
    assert "by_all" in lines


@pytest.mark.usefixtures("history")
def test_the_yearly_report_holds_no_personal_data() -> None:
    people = [cast.camille(), cast.solene(), cast.wassim()]
    client = signed_in(people[2])
    for name in ("yearly-report", "yearly-report-csv", "yearly-report-json"):
        text = client.get(reverse(f"console:{name}"), {"year": "2026"}).content.decode()
        for word in (MARKER, "photo de moi", *(person.display_name for person in people)):
            assert word not in text, (name, word)
        # Two providers, one of them with three addresses: neither may be told apart.
        assert "Beta" not in text, name


@pytest.mark.usefixtures("history")
def test_the_yearly_json_is_complete() -> None:
    data = json.loads(signed_in(cast.wassim()).get(reverse("console:yearly-report-json"), {"year": "2026"}).content)
    assert data["summary"]["addresses_notified"] == {"count": 10, "unit": "addresses"}
    assert set(data["tables"]) == {"by_provider", "by_content", "by_action", "by_all"}
    action = data["tables"]["by_action"][0]
    assert (action["action"], action["addresses"], action["removal"]["median_hours"]) == ("removed", 10, 8.0)
    for said in data["definitions"].values():
        assert said["definition"]["fr"] != said["definition"]["en"]


def test_the_report_says_when_independence_is_not_written(settings) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    client = signed_in(cast.wassim())
    url = reverse("console:yearly-report")
    assert "To be written before publishing" in client.get(url, {"language": "en"}).content.decode()
    settings.REMPART = replace(settings.REMPART, independence_en="Nobody pays us to say nothing.")
    assert "Nobody pays us to say nothing." in client.get(url, {"language": "en"}).content.decode()
