"""The case page of somebody who protects pictures: where each stands, what platforms told, in the words of her age."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from rempart.desk.registers.bank import facts
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.protection import Age, Helper
from rempart.desk.rules.report import AgeBand, Concerns, Draft
from rempart.desk.rules.trust import Vote
from rempart.desk.stages.intake import protecting, steps, worker
from rempart.desk.stages.intake.models import Case, Item, Report
from rempart.desk.web.public import gates
from rempart.desk.web.shared.limits import HourlyLimit
from tests import cast
from tests.registers.bank.pictures import video
from tests.registers.lists import made
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
    words,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("keyring")]


# ---- where each picture stands ----


def put(code: CaseCode, state: str) -> None:
    """Bring the only protection of this case into a state, by what really leads there."""
    now, (one,) = timezone.now(), protected_by(code)
    if state == "held":
        facts.raise_alarm(one.pk, "popular", now=now)
    elif state == "confirmed":
        facts.vouch(one.pk, by=1, now=now)
    elif state == "disputed":
        for platform in (1, 2):
            facts.note_feedback(one.pk, platform, now=now, vote=Vote.NOT_BLOCKED)
    elif state == "withdrawn":
        protecting.withdraw(sealing.case_keys(code), [one.pk], now=now)
    elif state == "expired":
        Protection.objects.update(asked_to_renew_at=now - 40 * DAY, expires_at=now - DAY)
        worker.work(now=now)
    assert trusts(code) == [state]


@pytest.mark.parametrize(
    ("state", "french", "english"),
    [
        (
            "self_declared",
            ("Protection en place", "bloquer tout de suite les copies exactes"),
            ("Protected", "block exact copies"),
        ),
        ("held", ("vérifie d’abord", "compter les copies, et rien de plus"), ("looks first", "only to count copies")),
        ("confirmed", ("Protection confirmée", "bloquer tout de suite les copies,"), ("confirmed", "block copies at once")),
        (
            "disputed",
            ("regardent avant de décider", "une personne de notre équipe"),
            ("before they decide", "a person of our team"),
        ),
        ("withdrawn", ("Protection terminée", "retirée le"), ("No longer protected", "taken back on")),
        ("expired", ("Protection terminée", "terminée le"), ("No longer protected", "ended on")),
    ],
)
def test_each_state_in_plain_words(client: Client, state: str, french: tuple[str, ...], english: tuple[str, ...]) -> None:
    code = protect("a")
    put(code, state)
    for language, expected in (("fr", french), ("en", english)):
        text = page(client, code, language)
        assert all(piece in text for piece in expected), text
        assert "Photo 1" in text


@LANGUAGES
@pytest.mark.parametrize("state", ["held", "disputed"])
def test_nobody_is_accused(client: Client, language: str, state: str) -> None:
    code = protect("a")
    put(code, state)
    text = page(client, code, language)
    assert ("un reproche pour personne" if language == "fr" else "a reproach to nobody") in text
    assert not re.search(r"(?i)suspic|soupçon|abus|fraud|doubt|doute|faux|false", text)


@LANGUAGES
@pytest.mark.parametrize("state", ["self_declared", "held", "confirmed", "disputed", "withdrawn"])
def test_never_a_promise(client: Client, language: str, state: str) -> None:
    code = protect("a")
    put(code, state)
    text = page(client, code, language)
    assert not re.search(r"(?i)garanti|guarant|promet|promise|sera bloqu|will be blocked|impossible", text)
    if state != "withdrawn":
        assert ("chaque plateforme décide" if language == "fr" else "each platform decides") in text


def test_since_when_until_when_and_what_it_is(client: Client) -> None:
    code = protect("a", video("b"))
    one = protected_by(code)[0]
    text = page(client, code)
    since, until = (timezone.localtime(at).strftime("%-d %B %Y") for at in (one.declared_at, one.expires_at))
    assert f"Photo 1 since {since}, until {until}" in text
    assert f"Video 2 since {since}, until {until}" in text
    assert "2 pictures or videos are on our list." in text
    assert "Vidéo 2" in page(client, code, "fr")


def test_what_platforms_told(client: Client) -> None:
    code = protect("a", "b")
    assert "No platform has told us of a match yet." not in page(client, code)
    made.client()
    assert "No platform has told us of a match yet." in page(client, code)
    first, second = protected_by(code)
    now, puits, roc = timezone.now(), cast.listed(cast.SILENT), cast.listed(cast.REFUSES)
    facts.note_feedback(first.pk, puits.pk, now=now, matches=14, vote=Vote.BLOCKED)
    facts.note_feedback(first.pk, roc.pk, now=now, matches=1)
    facts.note_feedback(second.pk, puits.pk, now=now, vote=Vote.NOT_BLOCKED)
    answer = case(client, code)
    text = words(answer)
    today = timezone.localtime(now).strftime("%-d %B %Y")
    assert f"Puits recognised 14 times It blocked it. Last news: {today}." in text
    assert f"Roc Hosting recognised once It has not told us what it decided. Last news: {today}." in text
    assert "Puits It did not block it." in text
    assert "A platform can be mistaken." in text
    assert "No platform has told us" not in text
    # Bars begin at zero and share one scale.
    assert re.findall(r'chart-bar" width="(\d+)"', text_of(answer)) == ["100", "7"]
    assert "reconnue 14 fois" in page(client, code, "fr")


def test_many_without_news_are_folded(client: Client) -> None:
    code = protect(*(f"picture {n}" for n in range(7)))
    assert not re.search(r"<ul[^>]*>\s*</ul>", text_of(case(client, code)))
    facts.note_feedback(protected_by(code)[3].pk, cast.listed(cast.SILENT).pk, now=timezone.now(), matches=2)
    text = page(client, code)
    assert text.index("recognised 2 times") < text.index("Show 6 pictures") < text.index("Photo 1 since")


def test_another_case_is_not_told_of(client: Client) -> None:
    """The same picture, under another code: not a word of it, nor of its matches."""
    made.client()
    code, other = protect("a"), protect("a")
    facts.note_feedback(protected_by(other)[0].pk, cast.listed(cast.SILENT).pk, now=timezone.now(), matches=2)
    text = page(client, code)
    assert "No platform has told us of a match yet." in text
    assert text.count("Photo") == page(client, protect("b")).count("Photo")


# ---- to whom we speak ----

VOUS, TU = re.compile(r"(?i)\b(vous|votre|vos)\b|[a-z]ez\b"), re.compile(r"(?i)\b(tu|toi|ton|ta|tes)\b")


def all_pages(client: Client, code: CaseCode, everything: list[str]) -> str:
    """Every page of this case that says something about it, the last one an erased case."""
    keys = sealing.case_keys(code)
    told = [
        page(client, code, "fr"),
        page(client, code, "fr", action="withdraw", protection=everything),
        page(client, code, "fr", action="withdraw"),
        page(client, code, "fr", action="erase"),
        page(client, code, "fr", action="write", text=""),
        page(client, code, "fr", action="write", text="x" * 5_001),
        page(client, code, "fr", action="write", text="Un mot."),
        page(client, code, "fr", action="add", addresses="rien"),
        page(client, code, "fr", action="add", addresses="https://bad.example/2", website="x"),
        page(client, code, "fr", action="withdraw-confirm", protection=everything),
        page(client, code, "fr", action="erase"),
        page(client, code, "fr", action="keep"),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gates, "MESSAGES", HourlyLimit(everybody=0, each=0))
        told += [page(client, code, "fr", action="write", text="Encore.")]
    Protection.objects.update(is_device_shared=False)
    told += [page(client, code, "fr", action="erase"), page(client, code, "fr", action="erase-for-ever")]
    assert not Case.objects.filter(lookup=keys.lookup).exists()
    return " ".join(told)


@pytest.mark.parametrize("has_report", [False, True])
@pytest.mark.parametrize(
    ("age", "helper", "is_young"),
    [
        (Age.UNDER_13, Helper.NOBODY, True),
        (Age.FROM_16_TO_17, Helper.NOBODY, True),
        (Age.ADULT, Helper.NOBODY, False),
        (Age.UNDER_13, Helper.PARENT, False),
    ],
)
def test_tu_and_vous(client: Client, age: Age, helper: Helper, is_young: bool, has_report: bool) -> None:
    code = protect("a", age=age, helper=helper, is_shared=True)
    if has_report:
        steps.add_addresses(Draft(addresses="https://bad.example/1", language="fr"), code, now=timezone.now(), is_complete=True)
    text = all_pages(client, code, numbers(code))
    wrong, right = (VOUS, TU) if is_young else (TU, VOUS)
    assert not wrong.search(text), [text[max(0, one.start() - 60) : one.end() + 20] for one in wrong.finditer(text)]
    assert right.search(text)


# ---- a case without a report ----


@LANGUAGES
def test_without_a_report_nothing_speaks_of_one(client: Client, language: str) -> None:
    code = protect("a")
    for more in ({}, {"action": "erase"}, {"action": "withdraw", "all": "1"}):
        text = page(client, code, language, **more)
        assert not re.search(r"(?i)signal|report|where we are|où nous en sommes|another page", text), text
    erased = page(client, code, language, action="erase-for-ever")
    assert not re.search(r"(?i)signal|report", erased)


def test_without_protections_nothing_speaks_of_pictures(client: Client) -> None:
    receipt = steps.receive_report(Draft(addresses="https://bad.example/1", language="en"), now=timezone.now())
    assert receipt.code
    text = page(client, receipt.code) + page(client, receipt.code, action="erase")
    assert not re.search(r"(?i)picture|protect", text)


def test_with_both_everything_is_there(client: Client) -> None:
    code = protect("a")
    answer = case(client, code, action="add", addresses="https://bad.example/1")
    assert "We added 1 address." in words(answer)
    text = words(answer)
    assert text.index("My protected pictures") < text.index("Where we are") < text.index("Add an address")
    report = Report.objects.get()
    assert (report.concerns, report.age_band) == (Concerns.ME, AgeBand.NOT_SAID)
    assert report.completed_at is not None
    assert Item.objects.count() == 1


@pytest.mark.parametrize(
    ("age", "helper", "concerns", "band"),
    [
        (Age.UNDER_13, Helper.PROFESSIONAL, Concerns.CHILD_I_KNOW, AgeBand.UNDER_13),
        (Age.FROM_16_TO_17, Helper.NOBODY, Concerns.ME, AgeBand.FROM_15_TO_17),
    ],
)
def test_an_address_knows_whom_it_is_about(client: Client, age: Age, helper: Helper, concerns: str, band: str) -> None:
    case(client, protect("a", age=age, helper=helper), action="add", addresses="https://bad.example/1")
    report = Report.objects.get()
    assert (report.concerns, report.age_band) == (concerns, band)


def test_the_way_to_add_more(client: Client) -> None:
    code = protect("a")
    form = re.search(r'<form method="post" action="/en/image/">.*?</form>', text_of(case(client, code)), re.DOTALL)
    assert form
    assert f'name="code" value="{code}"' in form[0]
    assert 'name="action" value="add"' in form[0]
    there = text_of(client.post("/en/image/", {"code": code, "action": "add"}))
    assert "Protect more pictures" in there
    assert f'name="code" value="{code}"' in there
