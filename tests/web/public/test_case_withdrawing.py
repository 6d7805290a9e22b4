"""Taking protected pictures back: at once or a day later; keeping, renewing, erasing; and codes that are wrong or lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from rempart.desk.registers.bank.models import Fingerprint, Protection
from rempart.desk.registers.vault import sealing
from rempart.desk.stages.intake import protecting, worker
from rempart.desk.stages.intake.models import Message
from rempart.desk.web.public import gates
from rempart.desk.web.public.protected import left
from rempart.desk.web.shared.limits import HourlyLimit
from tests import cast
from tests.registers.bank.pictures import video
from tests.web.public.conftest import text_of
from tests.web.public.protecting import (
    DAY,
    LANGUAGES,
    case,
    numbers,
    page,
    protect,
    protected_by,
    trusts,
    waiting,
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyring")]


# ---- taking back ----


def test_nothing_ends_before_it_is_confirmed(client: Client) -> None:
    code = protect("a", "b")
    asked = case(client, code, action="withdraw", protection=numbers(code)[:1])
    text = words(asked)
    assert "Stop protecting? Photo 1 What happens at once" in text
    assert "for ever" in text
    assert "Our backups forget them with the next backup" in text
    assert "24 hours" not in text
    assert trusts(code) == ["self_declared"] * 2
    chosen = re.findall(r'name="protection" value="(\d+)"', text_of(asked))
    done = page(client, code, action="withdraw-confirm", protection=chosen)
    assert "Photo 1 is no longer protected." in done
    assert "taken back on" in done
    assert "It is noted" not in done
    assert trusts(code) == ["withdrawn", "self_declared"]
    assert case(client, code, action="withdraw", protection=chosen).status_code == 422


def test_all_of_them(client: Client) -> None:
    code = protect("a", "b", "c")
    asked = case(client, code, action="withdraw", all="1")
    assert "Photo 1, Photo 2, Photo 3" in words(asked)
    done = page(client, code, action="withdraw-confirm", protection=re.findall(r'"protection" value="(\d+)"', text_of(asked)))
    assert "These are no longer protected: Photo 1, Photo 2, Photo 3." in done
    assert trusts(code) == ["withdrawn"] * 3
    assert not Fingerprint.objects.exists()
    assert "Stop protecting" not in done


@pytest.mark.parametrize("is_shared", [False, True])
def test_pressed_twice_is_once_and_answers_the_same(client: Client, is_shared: bool) -> None:
    code = protect("a", is_shared=is_shared)
    answers = [page(client, code, action="withdraw-confirm", protection=numbers(code)) for _ in range(2)]
    assert answers[0] == answers[1]
    assert Message.objects.count() == is_shared


def test_nothing_ticked_says_so(client: Client) -> None:
    code = protect("a", "b")
    for chosen in ([], ["0"], ["-1"], ["x"], ["1" * 40], ["' OR 1=1"]):
        answer = case(client, code, action="withdraw", protection=chosen)
        assert answer.status_code == 422
        assert "Tick at least one." in words(answer)
        assert '<details id="stop" open>' in text_of(answer)
        assert case(client, code, action="withdraw-confirm", protection=chosen).status_code == 200
    assert trusts(code) == ["self_declared"] * 2


def test_numbers_of_another_case_are_passed_over(client: Client) -> None:
    code, other = protect("a"), protect("b")
    theirs = numbers(other)
    assert case(client, code, action="withdraw", protection=theirs).status_code == 422
    text = page(client, code, action="withdraw-confirm", protection=theirs)
    assert "no longer protected" not in text
    assert (trusts(code), trusts(other)) == (["self_declared"], ["self_declared"])
    both = page(client, code, action="withdraw", protection=[*theirs, *numbers(code)])
    assert "Stop protecting? Photo 1 What" in both


def test_a_shared_device_waits_says_so_and_can_be_cancelled(client: Client) -> None:
    code = protect("a", video("b"), is_shared=True)
    asked = page(client, code, action="withdraw", protection=numbers(code)[:1])
    assert "It happens in 24 hours" in asked
    assert "At the beginning you said that other people use your device." in asked
    text = page(client, code, action="withdraw-confirm", protection=numbers(code)[:1])
    assert "Nothing ends yet" in text
    assert "A protection ends in 24 hours" in text
    assert "Photo 1: on" in text
    assert "Keep protecting" in text
    assert "tu as dit que d'autres personnes utilisent ton appareil" in text  # the letter, in the language of the case
    assert waiting(code) == [True, False]
    kept = page(client, code, action="keep")
    assert "All of it stays protected." in kept
    assert "A protection ends" not in kept
    assert waiting(code) == [False, False]
    again = page(client, code, action="keep")
    assert "Nothing is about to end." in again
    assert "Nothing is about to end." not in page(client, code)


def test_some_at_once_and_some_later(client: Client) -> None:
    code = protect("a")
    protect("b", is_shared=True, code=code)
    asked = page(client, code, action="withdraw", all="1")
    assert "At once: Photo 1" in asked
    assert "In 24 hours: Photo 2" in asked
    done = page(client, code, action="withdraw-confirm", protection=numbers(code))
    assert "Photo 1 is no longer protected." in done
    assert "Photo 2: on" in done
    assert "Photo 1: on" not in done


def test_too_often_is_told_but_keeping_is_never_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "MESSAGES", HourlyLimit(everybody=10, each=1))
    code = protect("a", "b", is_shared=True)
    one, other = numbers(code)
    assert case(client, code, action="withdraw-confirm", protection=["0"]).status_code == 200
    assert case(client, code, action="withdraw-confirm", protection=[one]).status_code == 200
    assert case(client, code, action="withdraw-confirm", protection=[other]).status_code == 429
    assert waiting(code) == [True, False]
    assert case(client, code, action="keep").status_code == 200
    assert waiting(code) == [False, False]


@pytest.mark.parametrize(
    ("remaining", "expected"),
    [
        (timedelta(hours=24), "in 24 hours"),
        (timedelta(hours=23, minutes=58), "in 24 hours"),
        (timedelta(minutes=91), "in 2 hours"),
        (timedelta(minutes=89), "in 89 minutes"),
        (timedelta(seconds=80), "in 1 minute"),
        (timedelta(seconds=5), "in 1 minute"),
        (timedelta(0), "at any moment"),
        (-DAY, "at any moment"),
    ],
)
def test_how_long_is_left(remaining: timedelta, expected: str) -> None:
    assert left(cast.MONDAY + remaining, cast.MONDAY) == expected


# ---- two more years ----


def test_asked_then_renewed(client: Client) -> None:
    code = protect("a", ago=710 * DAY)
    assert "Protect for two more years" not in page(client, code)
    now = timezone.now()
    protecting.ask_to_renew(now=now)
    text = page(client, code, "fr")
    ends = timezone.localtime(now + 30 * DAY).strftime("%d/%m/%Y")
    assert ends in text  # the letter
    assert "Protéger deux ans de plus" in text
    assert "Il y a un nouveau message de notre part" in text
    seen = protecting.protections_of(sealing.case_keys(code))[0]
    assert seen.stands_until == now + 30 * DAY > seen.expires_at
    assert f"ends on {timezone.localtime(seen.stands_until).strftime('%-d %B %Y')}" in page(client, code)
    for _ in range(2):
        renewed = page(client, code, action="renew")
        until = timezone.localtime(protected_by(code)[0].expires_at).strftime("%-d %B %Y")
        assert f"Protected until {until}." in renewed
        assert "Protect for two more years" not in renewed
    assert "new message" not in page(client, code)
    assert "new message" not in page(client, code, action="write", text="Thank you.") + page(client, code)


# ---- erasing ----


@LANGUAGES
def test_erasing_ends_the_protection_first_and_says_so(client: Client, language: str) -> None:
    code = protect("a", "b")
    asked = page(client, code, language, action="erase")
    assert ("2 images ou vidéos" if language == "fr" else "2 pictures or videos") in asked
    assert ("pas même toi" if language == "fr" else "not even you") in asked
    erased = page(client, code, language, action="erase-for-ever")
    assert ("Il ne protège plus rien." if language == "fr" else "Nothing is protected under it any more.") in erased
    assert set(Protection.objects.values_list("trust", flat=True)) == {"withdrawn"}
    assert case(client, code).status_code == 422


def test_on_a_shared_device_erasing_takes_two_steps(client: Client) -> None:
    code = protect("a", is_shared=True)
    protect("b", code=code)
    asked = case(client, code, action="erase")
    assert "Not yet: pictures are still protected." in words(asked)
    assert "erase-for-ever" not in text_of(asked)
    refused = case(client, code, action="erase-for-ever")
    assert refused.status_code == 409
    assert "Not yet: pictures are still protected." in words(refused)
    for _ in range(2):
        then = page(client, code, action="withdraw-confirm", all="1", then="erase")
        assert "It is asked for: all of it ends on" in then
        assert "Come back and erase" in then
    assert trusts(code) == ["self_declared", "withdrawn"]
    worker.work(now=timezone.now() + DAY + timedelta(minutes=1))
    assert "Erase it for ever" in page(client, code, action="erase")
    assert "Your case is erased" in page(client, code, action="erase-for-ever")


# ---- codes ----


def test_a_wrong_code_counts_as_before_whatever_is_asked(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    protect("a")
    actions = ("withdraw", "withdraw-confirm", "keep", "renew", "erase", "erase-for-ever")
    monkeypatch.setattr(gates, "WRONG_CODES", HourlyLimit(everybody=99, each=len(actions)))
    theirs = [str(one) for one in Protection.objects.values_list("pk", flat=True)]
    for action in actions:
        answer = case(client, sealing.new_case_code(), action=action, protection=theirs)
        assert answer.status_code == 422
        assert "opens no case" in words(answer)
    assert case(client, sealing.new_case_code(), action="keep").status_code == 429
    assert set(Protection.objects.values_list("trust", flat=True)) == {"self_declared"}


def test_the_code_and_the_numbers_are_in_no_address(client: Client) -> None:
    code = protect("a", is_shared=True)
    for more in ({}, {"action": "withdraw", "all": "1"}, {"action": "erase"}):
        text = text_of(case(client, code, **more))
        for attribute in ("href", "action", "formaction", "src"):
            assert all(code not in piece.split('"')[0] for piece in text.split(f'{attribute}="')[1:])


@LANGUAGES
def test_a_lost_code_costs_nothing(client: Client, language: str) -> None:
    text = words(client.get(f"/{language}/case/"))
    assert ("sous un nouveau code" if language == "fr" else "under a new code") in text
    assert ("ne dit à personne si elle est protégée" if language == "fr" else "tells nobody whether it is protected") in text
    assert ("protégé une image" if language == "fr" else "protected a picture") in text
