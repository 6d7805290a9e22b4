"""The case page says which platforms have the codes and what they decided; after the end, which ones do not know of it yet."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from rempart.desk.registers.bank import facts
from rempart.desk.registers.bank.facts import Statement
from rempart.desk.registers.lists import clients, entries
from rempart.desk.registers.lists.models import ListClient
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.protection import Age
from rempart.desk.rules.trust import RefusalReason, Vote
from rempart.desk.stages.intake import protecting
from tests.registers.lists import made
from tests.web.public.protecting import LANGUAGES, page, protect, protected_by

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyring")]
HAVE = {"en": "Has the codes: Piximi (read ", "fr": "A les codes : Piximi (lecture "}
NOBODY_READS = {"en": "No platform reads our list at the moment", "fr": "Pour l’instant, aucune plateforme ne lit notre liste"}
NONE_HAS = {"en": "None of the platforms that read our list has the codes yet.", "fr": "n’a encore les codes"}
UNAWARE = {
    "en": "has not read yet that it is over: Piximi (read ",
    "fr": "n’a pas encore lu que c’est terminé : Piximi (lecture ",
}
AWARE = {"en": "have read that it is over.", "fr": "ont lu que c’est terminé."}


def reads(client: ListClient, list_name: ListName = ListName.MINORS, *, ago: timedelta = timedelta(0)) -> None:
    """The platform reads all there is."""
    entries.catch_up(timezone.now())
    clients.note_read(client, list_name, entries.head(list_name), 1, now=timezone.now() - ago)


def withdraw(code: CaseCode, *numbers: int) -> None:
    protecting.withdraw(sealing.case_keys(code), numbers or [one.pk for one in protected_by(code)], now=timezone.now())


@LANGUAGES
def test_the_whole_way(client: Client, language: str) -> None:
    code = protect("a", "b")
    assert NOBODY_READS[language] in page(client, code, language)
    platform, _ = made.client()
    text = page(client, code, language)
    assert NONE_HAS[language] in text
    assert NOBODY_READS[language] not in text
    reads(platform)
    text = page(client, code, language)
    assert text.count(HAVE[language]) == 1, "the same for both is said once"
    assert NONE_HAS[language] not in text
    withdraw(code)
    text = page(client, code, language)
    assert text.count(UNAWARE[language]) == 1
    assert HAVE[language] not in text
    reads(platform)
    text = page(client, code, language)
    assert UNAWARE[language] not in text
    assert AWARE[language] in text


def test_each_picture_for_itself_where_it_is_not_the_same(client: Client) -> None:
    platform, _ = made.client()
    code = protect("a", "b")
    reads(platform)
    protect("c", code=code)
    text = page(client, code)
    assert text.count(HAVE["en"]) == 2
    assert text.count(NONE_HAS["en"]) == 1
    withdraw(code, protected_by(code)[0].pk)
    text = page(client, code)
    assert (text.count(HAVE["en"]), text.count(NONE_HAS["en"]), text.count(UNAWARE["en"])) == (1, 1, 1)


def test_an_end_that_is_not_known_everywhere_is_not_folded(client: Client) -> None:
    platform, _ = made.client()
    code = protect(*(f"picture {number}" for number in range(8)))
    reads(platform)
    *most, last = [one.pk for one in protected_by(code)]
    withdraw(code, *most)
    reads(platform)
    withdraw(code, last)
    text = page(client, code)
    assert text.index(UNAWARE["en"]) < text.index("Show 7 pictures") < text.index(AWARE["en"])


@pytest.mark.parametrize(("hours", "words"), [(0, "read today at "), (24, "read yesterday at "), (72, "read on ")])
def test_when_it_last_read(client: Client, hours: int, words: str) -> None:
    code, (platform, _) = protect("a"), made.client()
    reads(platform, ago=timedelta(hours=hours))
    assert f"Piximi ({words}" in page(client, code)


def test_what_ended_before_anybody_read_it(client: Client) -> None:
    code = protect("a")
    withdraw(code)
    made.client()
    assert "No platform ever had the codes." in page(client, code)


def test_who_asks_holds_nothing(client: Client) -> None:
    code = protect("a")
    made.client(may_hold_lists=False)
    text = page(client, code)
    assert "No platform reads our list at the moment." in text
    assert "nothing is recognised" not in text
    assert "while the codes stay with us: Piximi." in text


def test_who_was_stopped_is_told_of(client: Client) -> None:
    code, (platform, _) = protect("a"), made.client()
    reads(platform)
    clients.revoke(platform, by=None, now=timezone.now())
    assert "Piximi had the codes and does not read our list at the moment" in page(client, code)
    withdraw(code)
    text = page(client, code)
    assert "may not know that it is over: Piximi." in text
    assert AWARE["en"] not in text


@pytest.mark.parametrize("state", ["held", "disputed"])
def test_in_doubt_nothing_is_said_that_may_be_wrong(client: Client, state: str) -> None:
    """Some shapes still carry it, others do not: neither that somebody has it nor that nobody has."""
    code, (platform, _) = protect("a"), made.client()
    (one,) = protected_by(code)
    if state == "held":
        facts.raise_alarm(one.pk, "popular", now=timezone.now())
    else:
        for number in (1, 2):
            facts.note_feedback(one.pk, number, now=timezone.now(), vote=Vote.NOT_BLOCKED)
    reads(platform)
    text = page(client, code)
    assert not any(words["en"] in text for words in (HAVE, NONE_HAS, NOBODY_READS))


# ---- what was decided ----

REASONS = [
    (RefusalReason.ANOTHER_PICTURE, "another one that looks alike", "c’en est une autre, qui ressemble"),
    (RefusalReason.NOT_INTIMATE, "by its own rules, it is not intimate", "selon ses règles à elle, ce n’est pas intime"),
    (RefusalReason.WELL_KNOWN, "one that many people know", "beaucoup de monde la connaît déjà"),
    (RefusalReason.WITH_CONSENT, "as far as it can tell, whoever is in it published it", "d’après ce qu’elle en sait"),
    (RefusalReason.OTHER, "for a reason of its own", "pour une raison à elle"),
    (None, "It did not block it.", "Elle ne l’a pas bloquée."),
]


def tell(code: CaseCode, **told: object) -> None:
    number = made.platform().pk
    facts.note_statement(protected_by(code)[0].pk, number, Statement(**told), now=timezone.now())  # type: ignore[arg-type]


@pytest.mark.parametrize(("reason", "english", "french"), REASONS)
@pytest.mark.parametrize("age", [Age.UNDER_13, Age.ADULT])
def test_why_it_was_not_blocked(client: Client, reason: RefusalReason | None, english: str, french: str, age: Age) -> None:
    code = protect("a", age=age)
    tell(code, vote=Vote.NOT_BLOCKED, reason=reason)
    for language, words, hint in (("en", english, "can be mistaken"), ("fr", french, "peut se tromper")):
        text = page(client, code, language)
        assert words in text
        assert hint in text
        assert not re.search(r"(?i)suspic|soupçon|abus|fraud|doubt|doute|faux|false|ment(i|s)\b|lie[sd]?\b", text)


@LANGUAGES
def test_somebody_there_is_looking(client: Client, language: str) -> None:
    code = protect("a")
    tell(code, is_under_review=True)
    words = {"en": "A person there is looking.", "fr": "Une personne y regarde."}[language]
    assert words in page(client, code, language)
    tell(code, vote=Vote.BLOCKED)
    assert words not in page(client, code, language)


def test_blocked_is_not_said_to_be_a_persons_doing(client: Client) -> None:
    """A platform that follows the advice blocks exact copies by itself."""
    code = protect("a")
    tell(code, matches=3, vote=Vote.BLOCKED)
    text = page(client, code)
    assert "recognised 3 times It blocked it." in text
    assert "person there" not in text


# ---- what it costs ----


def test_two_hundred_pictures_cost_what_two_cost(client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    platform, _ = made.client()
    few, many = protect("a", "b"), protect(*(f"picture {number}" for number in range(200)))
    reads(platform)
    with django_assert_max_num_queries(100) as asked:
        page(client, few)
    with django_assert_max_num_queries(len(asked.captured_queries)):
        text = page(client, many)
    assert text.count(HAVE["en"]) == 1
