"""The pages of the invented world, as a browser asks for them."""

from __future__ import annotations

import json
import re
import smtplib
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import translation

from rempart.desk.rehearsal.hosts import BY_NAME, HOSTS, place_at
from rempart.desk.rehearsal.people import PLAYERS
from rempart.desk.rehearsal.sites import pieces
from rempart.desk.rehearsal.tour import PLACES, RESET_REQUEST, desk_paths
from rempart.desk.rehearsal.world import PageState, World
from tests.rehearsal.conftest import Invented

PAGES = [
    ("127.0.0.1", "/{language}/"),
    ("127.0.0.1", "/{language}/protect/"),
    ("127.0.0.1", "/{language}/mail/"),
    ("127.0.0.1", "/{language}/mail/abuse@pixels.localhost"),
    ("127.0.0.1", "/{language}/mail/1"),
    ("pixels.localhost", "/"),
    ("pixels.localhost", "/image/3"),
    ("pixels.localhost", "/abuse/"),
    ("pixels.localhost", "/abuse/mail/1"),
    ("pixels.localhost", "/nothing/here"),
    ("ronde.localhost", "/@lune.invente/4"),
    ("ronde.localhost", "/photos/"),
    ("ronde.localhost", "/photos/team/"),
    ("vallon.localhost", "/"),
]
NOTICE = "Please remove hxxp://pixels[.]localhost:8001/image/3\nAnswer: http://127.0.0.1:18000/answer/abc/\nThank you."


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_sober(invented: Invented, language: str) -> None:
    invented.mail("abuse@pixels.localhost", NOTICE)
    for host, path in PAGES:
        answer, page = invented.ask(host, path.format(language=language), language)
        assert answer.status == (404 if "nothing" in path else 200), path
        assert f'<html lang="{language}">' in page
        assert page.count("<h1>") == 1
        assert not re.search(r"<[^>]+\sstyle=|<style|<script(?![^>]*src=)|\son\w+=", page), path
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        outside = [found for found in re.findall(r'(?:src|href)="(https?://[^"]+)', page) if not is_here(found)]
        assert outside == [], path


def is_here(address: str) -> bool:
    return bool(re.match(r"http://(?:127\.0\.0\.1|[a-z]+\.localhost):\d+/", address))


def test_nobody_can_mistake_it_for_something_true(invented: Invented) -> None:
    for host in HOSTS:
        _, page = invented.ask(host.domain, "/")
        assert "This is a rehearsal." in page
    assert "pretend this page is harmful" in invented.ask("pixels.localhost", "/image/3")[1]
    assert "faites comme si" in invented.ask("pixels.localhost", "/image/3", "fr")[1]


def test_a_page_removed_is_gone_and_can_be_put_back(invented: Invented) -> None:
    act = {"site": "pixels", "path": "/image/3"}
    assert invented.press("pixels.localhost", "/abuse/act", {**act, "act": "remove"}).status == 303
    assert invented.ask("pixels.localhost", "/image/3")[0].status == 410
    assert invented.ask("pixels.localhost", "/image/3", method="HEAD")[0].status == 410
    assert "/image/3" not in invented.ask("pixels.localhost", "/")[1]
    invented.press("pixels.localhost", "/abuse/act", {**act, "act": "restore"})
    assert invented.ask("pixels.localhost", "/image/3")[0].status == 200


def test_a_page_moved_leads_to_another_site_that_has_it(invented: Invented) -> None:
    invented.press("depot.localhost", "/abuse/act", {"site": "depot", "path": "/fichier/9", "act": "move"})
    answer, _ = invented.ask("depot.localhost", "/fichier/9")
    assert answer.status == 302
    host, path = re.fullmatch(r"http://([a-z.]+):\d+(/.*)", answer.headers["Location"]).groups()  # type: ignore[union-attr]
    assert host == "miroir.localhost"
    assert invented.ask(host, path)[0].status == 200


def test_a_host_acts_on_its_own_sites_only(invented: Invented) -> None:
    hosted = {"site": "clairiere", "path": "/sujet/4", "act": "remove"}
    assert invented.press("vallon.localhost", "/abuse/act", hosted).status == 303
    assert invented.press("pixels.localhost", "/abuse/act", {**hosted, "path": "/sujet/5"}).status == 403
    assert invented.press("pixels.localhost", "/abuse/act", {"site": "pixels", "path": "/x", "act": "remove"}).status == 403
    assert invented.press("pixels.localhost", "/abuse/act", {"site": "pixels", "path": "/image/3", "act": "burn"}).status == 403


def test_no_other_site_can_press_the_buttons(invented: Invented) -> None:
    act = {"site": "pixels", "path": "/image/3", "act": "remove"}
    for origin in ("https://evil.example", "null", "", "http://clips.localhost:8001"):
        assert invented.press("pixels.localhost", "/abuse/act", act, origin=origin).status == 403
        assert invented.press("127.0.0.1", "/reset", {}, origin=origin).status == 404
    assert invented.ask("pixels.localhost", "/image/3")[0].status == 200
    assert not (invented.world.path.parent / RESET_REQUEST).exists()


def test_asking_for_a_reset_leaves_a_note_for_the_parent(invented: Invented) -> None:
    answer = invented.press("127.0.0.1", "/reset", {"language": "fr"})
    assert (answer.status, answer.headers["Location"]) == (303, "/fr/?reset=1")
    assert (invented.world.path.parent / RESET_REQUEST).exists()


def test_mail_arrives_and_only_the_answer_link_can_be_clicked(invented: Invented) -> None:
    invented.mail("abuse@pixels.localhost", NOTICE)
    _, page = invented.ask("pixels.localhost", "/abuse/mail/1")
    assert 'href="http://127.0.0.1:18000/answer/abc/"' in page
    assert 'href="http://pixels' not in page
    assert "hxxp://pixels[.]localhost:8001/image/3" in page
    assert 'value="/image/3"' in page
    assert "abuse@pixels.localhost" in invented.ask("127.0.0.1", "/en/mail/")[1]
    assert invented.ask("clips.localhost", "/abuse/mail/1")[0].status == 404


def test_a_mail_cannot_carry_markup(invented: Invented) -> None:
    invented.mail("abuse@pixels.localhost", '<script>alert(1)</script> http://127.0.0.1:18000/answer/x"><b>')
    _, page = invented.ask("pixels.localhost", "/abuse/mail/1")
    assert "<script>alert" not in page
    assert "<b>" not in page


def test_cutting_a_mail_loses_nothing() -> None:
    text = "a http://d/answer/1 b\nhttp://d/answer/2"
    found = pieces(text, "http://d")
    assert "".join(piece for piece, _ in found) == text
    assert [piece for piece, is_link in found if is_link] == ["http://d/answer/1", "http://d/answer/2"]
    assert pieces("nothing", "http://d") == [("nothing", False)]


def test_one_mailbox_refuses_as_a_real_one_would(invented: Invented) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        invented.mail("nobody@muet.localhost", "hello")
    assert next(iter(refused.value.recipients.values()))[0] == 550
    assert invented.world.mails() == []


def test_what_happened_is_kept_for_the_next_start(invented: Invented) -> None:
    place = place_at(BY_NAME["pixels"], "/image/3")
    assert place is not None
    invented.world.set_page(place, PageState.REMOVED)
    invented.mail("abuse@pixels.localhost", NOTICE)
    again = World(invented.world.path.parent)
    assert again.page(place).state is PageState.REMOVED
    assert [mail.message_id for mail in again.mails("abuse@pixels.localhost")] == ["<one@phare.localhost>"]
    again.forget_everything()
    assert again.page(place).state is PageState.ONLINE
    assert again.mails() == []


@pytest.mark.parametrize("written", ["Mon, 2 Mar 2026 09:00:00 -0000", "Mon, 2 Mar 2026 10:00:00 +0100"])
def test_a_mail_keeps_its_own_date(tmp_path: Path, written: str) -> None:
    world = World(tmp_path)
    world.keep_mail("abuse@pixels.localhost", f"Date: {written}\r\n\r\nhello".encode())
    assert world.mails()[0].at == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_only_this_machine_is_listened_to(invented: Invented) -> None:
    for port in (invented.config.rehearsal_port, invented.config.smtp_port):
        # The whole of 127.0.0.0/8 is this machine: had we bound every address, 127.0.0.2 would answer too.
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port), timeout=2).close()


def test_codes_are_those_of_the_telephones(invented: Invented) -> None:
    content = json.loads(invented.ask("127.0.0.1", "/codes.json")[1])
    assert set(content["codes"]) == {player.sign_in_name for player in PLAYERS}
    assert all(re.fullmatch(r"\d{6}", code) for code in content["codes"].values())
    assert 0 < content["seconds"] <= 30


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_tour_leads_to_pages_that_exist(language: str) -> None:
    with translation.override(language):
        assert desk_paths(language) == {key: reverse(name) for key, (name, _) in PLACES.items()}
