"""``rempart desk client`` as people and scripts type it, on a real installation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rempart.desk.registers.lists.credentials import looks_like_a_secret
from tests.project.commands import Terminal, assert_refused

pytestmark = pytest.mark.slow

ADD_PLATFORMS = """
from datetime import UTC, datetime
from rempart.desk.registers.directory import steps
from rempart.desk.registers.directory.entries import Details
from rempart.desk.registers.directory.models import RecipientKind
for kind, name in (("platform", "Piximi"), ("host", "Nuage"), ("platform", "Nuage"), ("police", "Unit")):
    print(steps.add_recipient(Details(kind=RecipientKind(kind), name=name), by=None, now=datetime.now(UTC)).pk)
"""
KNOWS = """
from datetime import UTC, datetime
from rempart.desk.registers.lists import clients
print(clients.authenticate({key!r}, {secret!r}, now=datetime.now(UTC)) is not None)
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Terminal:
    terminal = Terminal(tmp_path_factory.mktemp("desk"))
    done = terminal.init()
    assert done.returncode == 0, done.stderr
    none = terminal.type("desk", "client", "list")
    assert (none.returncode, none.stdout) == (0, "")
    assert "No platform reads the lists yet" in none.stderr
    terminal.python(ADD_PLATFORMS)
    return terminal


def knows(desk: Terminal, key: str, secret: str) -> bool:
    return desk.python(KNOWS.format(key=key, secret=secret)).strip() == "True"


def test_the_life_of_a_client(desk: Terminal) -> None:
    added = desk.type("desk", "client", "add", "piximi", "--label", "tests", "--list", "minors", "--list", "adults")
    assert added.returncode == 0, added.stderr
    first = added.stdout.strip()
    assert looks_like_a_secret(first)
    assert first not in added.stderr
    listed = json.loads(desk.type("desk", "client", "list", "--json").stdout)
    card = next(one for one in listed if one["label"] == "tests")
    key = card["key_id"]
    assert (card["platform"], card["label"], list(card["lists"])) == ("Piximi", "tests", ["minors", "adults"])
    assert f"key {key}" in added.stderr
    assert knows(desk, key, first)
    rotated = desk.type("desk", "client", "rotate", key, "--json")
    second = json.loads(rotated.stdout)
    assert second["lists"]["minors"] == "https://desk.phares.example/exchange/minors/hashsharing"
    assert knows(desk, key, first)
    assert knows(desk, key, second["secret"])
    assert desk.type("desk", "client", "rotate", key, "--former-hours", "0").returncode == 0
    assert not knows(desk, key, second["secret"])
    assert_refused(desk.type("desk", "client", "revoke", key, answers="no\n"), "Nothing was changed.")
    assert_refused(desk.type("desk", "client", "revoke", key), "For scripts: --yes")
    assert desk.type("desk", "client", "revoke", key, answers="yes\n").returncode == 0
    assert "revoked" in desk.type("desk", "client", "list").stdout
    assert desk.type("desk", "client", "revoke", key).returncode == 0
    assert_refused(desk.type("desk", "client", "rotate", key), "revoked, for ever")
    assert json.loads(desk.type("desk", "client", "add", "Piximi", "--label", "tests", "--list", "minors", "--json").stdout)


def test_one_that_only_asks(desk: Terminal, tmp_path: Path) -> None:
    typed = ("add", "Piximi", "--label", "questions", "--list", "minors", "--ask-only", "--questions-per-day", "10", "--json")
    added = desk.type("desk", "client", *typed)
    card = json.loads(added.stdout)
    assert card["lists"] == {}
    assert card["match"] == "https://desk.phares.example/api/v1/match"
    settings = str(desk.folder / "rempart.toml")
    elsewhere = Terminal(tmp_path)
    for words in (("--settings", settings, "list", "--json"), ("list", "--json", "--settings", settings)):
        listed = elsewhere.type("desk", "client", *words)
        assert listed.returncode == 0, listed.stderr
        assert "asks only" not in listed.stderr
        one = next(one for one in json.loads(listed.stdout) if one["label"] == "questions")
        assert (one["may_hold_lists"], one["questions_per_day"]) == (False, 10)


def test_what_cannot_be_done_is_said(desk: Terminal) -> None:
    def refused(*words: str, says: str) -> None:
        assert_refused(desk.type("desk", "client", *words), says)

    refused("add", "Piximy", "--list", "minors", says="Did you mean “Piximi”?")
    refused("add", "Quelque chose", "--list", "minors", says="Add it there first")
    refused("add", "Unit", "--list", "minors", says="no platform called “Unit”")
    refused("add", "nuage", "--list", "minors", says="give a number instead: ")
    refused("add", "99999", "--list", "minors", says="no platform called “99999”")
    refused("add", "Piximi", says="At least one list is needed")
    refused("add", "Piximi", "--list", "minors", "--calls-per-minute", "99", says="from 100 to 100000")
    refused("rotate", "k222222222222", says="No client has this key")
    refused("rotate", "me", says="No client has this key")
    assert desk.type("desk", "client").returncode == 2
    assert desk.type("desk", "client", "add", "Piximi", "--list", "everybody").returncode == 2
    assert desk.type("desk", "client", "add", "Piximi", "--ask-only", "--hold-only").returncode == 2


def test_where_a_platform_is_told_of_changes(desk: Terminal) -> None:
    desk.type("desk", "client", "add", "piximi", "--label", "webhook", "--list", "minors")
    listed = json.loads(desk.type("desk", "client", "list", "--json").stdout)
    key = next(one["key_id"] for one in listed if one["label"] == "webhook")
    assert "told of changes nowhere" in desk.type("desk", "client", "webhook", key).stderr
    assert_refused(desk.type("desk", "client", "webhook", key, "--test"), "told nowhere yet")
    assert_refused(desk.type("desk", "client", "webhook", key, "--url", "https://192.168.1.1/"), "private")
    pointed = desk.type("desk", "client", "webhook", key, "--url", "https://hooks.piximi.example/lists")
    assert pointed.stdout.startswith("whsec_")
    assert pointed.stdout.strip() not in pointed.stderr
    rotated = json.loads(desk.type("desk", "client", "webhook", key, "--rotate", "--json").stdout)
    assert rotated["secret"] != pointed.stdout.strip()
    assert rotated["url"] == "https://hooks.piximi.example/lists"
    assert "leaves in a few seconds" in desk.type("desk", "client", "webhook", key, "--test").stderr
    assert desk.type("desk", "client", "webhook", key, "--start-again").returncode == 0
    assert json.loads(desk.type("desk", "client", "webhook", key, "--remove", "--json").stdout)["url"] is None
