"""The directory as a CSV file, both ways."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from rempart.desk.registers.directory import steps
from rempart.desk.registers.directory.entries import Details
from rempart.desk.registers.directory.exchange import COLUMNS, LineError
from rempart.desk.registers.directory.models import Channel, Contact, Recipient, RecipientKind
from tests import cast

NOW = cast.MONDAY
HEADING = "kind;name;country;domains;contacts\n"


@pytest.mark.django_db
class TestComingIn:
    def test_adds_then_changes_then_leaves_as_it_is(self) -> None:
        text = HEADING + "host;Roc;NL;roc.example | roc.test.example;email:abuse@roc.example | phone:+33 1 02 03\n"
        assert steps.import_csv(text, by=1, now=NOW) == steps.ImportResult(1, 0, ())
        assert steps.import_csv(text, by=1, now=NOW) == steps.ImportResult(0, 0, ())
        again = HEADING + "host;Roc;FR;;\n"
        assert steps.import_csv(again, by=1, now=NOW) == steps.ImportResult(0, 1, ())
        recipient = Recipient.objects.get()
        assert recipient.country == "FR"
        assert recipient.domains.count() == 2
        assert recipient.contacts.count() == 2

    def test_approves_nothing(self) -> None:
        steps.import_csv(HEADING + "host;Roc;;;email:abuse@roc.example\n", by=1, now=NOW)
        contact = Contact.objects.get()
        assert (contact.approved_at, contact.found_by) == (None, "csv")

    def test_does_not_bring_back_a_retired_contact(self) -> None:
        text = HEADING + "host;Roc;;;email:abuse@roc.example\n"
        steps.import_csv(text, by=1, now=NOW)
        steps.retire_contact(Contact.objects.get(), by=1, now=NOW)
        steps.import_csv(text, by=1, now=NOW)
        assert Contact.objects.get().retired_at is not None

    @pytest.mark.parametrize(
        "text",
        [
            "\ufeffkind,name,country\nhost,Roc,NL\n",
            "Kind;Name;Country\r\nhost;Roc;nl\r\n",
            "type\tnom\tpays\tautre\nHébergeur\tRoc\tNL\tx\n",
            "name;kind;country\n\n;;\nRoc;host;NL",
            "kind;name;country\rhost;Roc;NL\r",
        ],
    )
    def test_forgives_separators_headings_and_line_endings(self, text: str) -> None:
        assert steps.import_csv(text, by=1, now=NOW) == steps.ImportResult(1, 0, ())
        recipient = Recipient.objects.get()
        assert (recipient.kind, recipient.name, recipient.country) == (RecipientKind.HOST, "Roc", "NL")

    def test_says_which_lines_were_left_out_and_keeps_the_others(self) -> None:
        text = (
            "kind;name;country;about;domains;contacts;is_active\n"
            "host;Good;NL;;;;\n"
            "castle;Bad;NL;;;;\n"
            'host;Two lines;FR;"one\ntwo";;;\n'
            "host;Bad country;Holland;;;;\n"
            "host;Bad domain;;;com;;\n"
            "host;Bad channel;;;;pigeon:coo;\n"
            "host;Bad contact;;;;email:nobody;\n"
            "host;Bad activity;;;;;perhaps\n"
            "host;;;;;;\n"
        )
        result = steps.import_csv(text, by=1, now=NOW)
        assert result.added == 2
        assert result.errors == (
            LineError(3, "kind_unknown"),
            LineError(6, "country_unreadable"),
            LineError(7, "domain_unreadable"),
            LineError(8, "channel_unknown"),
            LineError(9, "contact_unreadable"),
            LineError(10, "is_active_unreadable"),
            LineError(11, "name_missing"),
        )
        assert sorted(Recipient.objects.values_list("name", flat=True)) == ["Good", "Two lines"]

    @pytest.mark.parametrize("text", ["", "\ufeff", "\n\n", "no heading at all", ";;;\n;;;", '"never closed'])
    def test_never_fails_on_nonsense(self, text: str) -> None:
        assert steps.import_csv(text, by=1, now=NOW).added == 0


@pytest.mark.django_db
def test_formulas_go_out_as_text() -> None:
    for name in ("=1+1", "+33", "-2", "@SUM(A1)", "'quoted", "plain"):
        steps.add_recipient(Details(RecipientKind.HOST, name, about=f"{name} {name}"), by=1, now=NOW)
    rows = list(csv.reader(io.StringIO(steps.export_csv()), delimiter=";"))
    assert rows[0] == list(COLUMNS)
    assert all(not cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)
    assert {row[1] for row in rows[1:]} == {"'=1+1", "'+33", "'-2", "'@SUM(A1)", "''quoted", "plain"}


TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
NAMES = TEXTS.filter(lambda text: text.strip() != "")


class TestRoundTrip(TestCase):
    """What goes out comes back in the same, whatever people wrote."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(list(RecipientKind)),
                NAMES,
                TEXTS,
                TEXTS,
                st.booleans(),
                st.sampled_from(["", "01234", "6"]),
            ),
            max_size=4,
        )
    )
    def test_out_and_in_again(self, rows: list[tuple[RecipientKind, str, str, str, bool, str]]) -> None:
        for kind, name, hours, about, is_active, days in rows:
            details = Details(kind, name, opening_hours=hours, about=about, is_active=is_active, working_days=days)
            try:
                recipient = steps.add_recipient(details, by=1, now=NOW)
            except steps.DirectoryRefused:
                continue
            steps.add_domain(recipient, f"site-{recipient.pk}.example", by=1, now=NOW)
            steps.add_contact(recipient, Channel.POST, f"1 rue {recipient.pk}: étage 2", found_by="staff", now=NOW)
        text = steps.export_csv()
        assert steps.import_csv(text, by=1, now=NOW) == steps.ImportResult(0, 0, ())
        count = Recipient.objects.count()
        Recipient.objects.all().delete()
        assert steps.import_csv(text, by=1, now=NOW) == steps.ImportResult(count, 0, ())
        assert steps.export_csv() == text

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=200))
    def test_any_text_at_all(self, text: str) -> None:
        steps.import_csv(text, by=1, now=NOW)
        steps.import_csv(HEADING + text, by=1, now=NOW)
