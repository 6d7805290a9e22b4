"""What the pages of *protect my image* say of platforms is what is: they read the list, only ask, or are not there yet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from rempart.desk.registers.lists import clients
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.protection import Age
from rempart.desk.web.public.whereabouts import reach
from tests.registers.lists import made
from tests.web.public.image_forms import ONE, choose_page, main_of, post, protected, sending

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyring")]
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])
ADULTS = frozenset({ListName.ADULTS})
NOBODY = {"en": "No platform reads our list at the moment", "fr": "Pour l’instant, aucune plateforme ne lit notre liste"}
GIVEN = {"en": "to the platforms that work with us", "fr": "aux plateformes qui travaillent avec nous"}
THEY_GET = {"en": "The platforms that work with us get them.", "fr": "Les plateformes qui travaillent avec nous les reçoivent."}
ASKED = {"en": "the codes stay with us", "fr": "les codes restent chez nous"}


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", main_of(answer))


def done(client: Client, language: str, age: str) -> str:
    return words(post(client, sending(choose_page(client, language, age=age), ONE), language))


@LANGUAGES
def test_before_the_first_platform(client: Client, language: str) -> None:
    door = words(client.get(f"/{language}/image/"))
    assert NOBODY[language] in door
    assert GIVEN[language] not in door
    last = words(protected(client, ONE, language=language))
    assert NOBODY[language] in last
    assert THEY_GET[language] not in last


@LANGUAGES
def test_with_a_platform(client: Client, language: str) -> None:
    made.client()
    door = words(client.get(f"/{language}/image/"))
    assert GIVEN[language] in door
    assert NOBODY[language] not in door
    assert THEY_GET[language] in words(protected(client, ONE, language=language))


@LANGUAGES
def test_the_other_list_is_another_one(client: Client, language: str) -> None:
    """The door does not know yet who is in the picture; the last page does."""
    made.client(lists=ADULTS)
    assert GIVEN[language] in words(client.get(f"/{language}/image/"))
    assert NOBODY[language] in done(client, language, "13_15")
    assert THEY_GET[language] in done(client, language, "adult")


@LANGUAGES
def test_who_only_asks_gets_no_codes(client: Client, language: str) -> None:
    made.client(may_hold_lists=False)
    for said in (words(client.get(f"/{language}/image/")), words(protected(client, ONE, language=language))):
        assert ASKED[language] in said
        assert NOBODY[language] not in said
        assert GIVEN[language] not in said
        assert THEY_GET[language] not in said


def test_who_was_stopped_reads_no_more() -> None:
    client, _ = made.client()
    assert reach(Age.UNDER_13).is_read
    assert not reach(Age.ADULT).is_asked
    clients.revoke(client, by=None, now=made.NOW)
    assert not reach(None).is_asked
