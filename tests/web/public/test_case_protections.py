"""The case page of somebody who protects pictures: where each stands, in her words; taking back, keeping, renewing, erasing."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from rempart.desk.registers.bank import facts
from rempart.desk.registers.bank.models import Fingerprint, Protection
from rempart.desk.registers.vault import sealing
from rempart.desk.registers.vault.keyring import Keyring
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.protection import Age, Helper, SentFile, Submission
from rempart.desk.rules.report import AgeBand, Concerns, Draft
from rempart.desk.rules.trust import Vote
from rempart.desk.stages.intake import protecting, steps, worker
from rempart.desk.stages.intake.models import Case, Item, Message, Report
from rempart.desk.web.public import gates
from rempart.desk.web.public.protected import left
from rempart.desk.web.shared.limits import HourlyLimit
from tests import cast
from tests.registers.bank.pictures import picture, protections, video
from tests.web.public.conftest import text_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


@pytest.fixture(autouse=True)
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    made = Keyring(tmp_path / "keyring.sqlite3")
    made.make()
    monkeypatch.setattr(settings, "REMPART_KEYRING", made)
    return made


def protect(
    *files: SentFile | str,
    age: Age = Age.FROM_13_TO_15,
    helper: Helper = Helper.NOBODY,
    is_shared: bool = False,
    code: CaseCode | None = None,
    ago: timedelta = DAY,
) -> CaseCode:
    """Somebody protects these files; the code of her case."""
    sent = tuple(picture(one) if isinstance(one, str) else one for one in files)
    return protecting.protect(Submission(sent, age, helper, is_shared, "fr"), now=timezone.now() - ago, code=code).code


def protected_by(code: CaseCode) -> list[Protection]:
    return protections(sealing.case_keys(code))


def numbers(code: CaseCode) -> list[str]:
    return [str(one.pk) for one in protected_by(code)]


def trusts(code: CaseCode) -> list[str]:
    return [one.trust for one in protected_by(code)]


def waiting(code: CaseCode) -> list[bool]:
    return [one.withdraw_due_at is not None for one in protected_by(code)]


def case(client: Client, code: str, language: str = "en", **more: Any) -> Any:
    return client.post(f"/{language}/case/", {"code": code, **more})


def words(answer: Any) -> str:
    """What a person reads of the page's main part, on one line."""
    main = text_of(answer).partition("<main")[2].partition("</main>")[0]
    main = re.sub(r'<div class="not-for-people".*?</div>', "", main, flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]+>", " ", main)).replace("\u00a0", " ")
    return re.sub(r"\s+", " ", text).replace(" ,", ",")


def page(client: Client, code: str, language: str = "en", **more: Any) -> str:
    return words(case(client, code, language, **more))


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
    assert "No platform has told us of a match yet." in page(client, code)
    first, second = protected_by(code)
    now, puits, roc = timezone.now(), cast.listed(cast.SILENT), cast.listed(cast.REFUSES)
    facts.note_feedback(first.pk, puits.pk, now=now, matches=14, vote=Vote.BLOCKED)
    facts.note_feedback(first.pk, roc.pk, now=now, matches=1)
    facts.note_feedback(second.pk, puits.pk, now=now, vote=Vote.NOT_BLOCKED)
    answer = case(client, code)
    text = words(answer)
    today = timezone.localtime(now).strftime("%-d %B %Y")
    assert f"Puits recognised 14 times A person there looked, and blocked it. Last news: {today}." in text
    assert f"Roc Hosting recognised once It has not told us what it decided. Last news: {today}." in text
    assert "Puits A person there looked, and did not block it." in text
    assert "No platform has told us" not in text
    # Bars begin at zero and share one scale.
    assert re.findall(r'chart-bar" width="(\d+)"', text_of(answer)) == ["100", "7"]
    assert "reconnue 14 fois" in page(client, code, "fr")


def test_many_without_news_are_folded(client: Client) -> None:
    code = protect(*(f"picture {n}" for n in range(7)))
    facts.note_feedback(protected_by(code)[3].pk, cast.listed(cast.SILENT).pk, now=timezone.now(), matches=2)
    text = page(client, code)
    assert text.index("recognised 2 times") < text.index("Show 6 pictures") < text.index("Photo 1 since")


def test_another_case_is_not_told_of(client: Client) -> None:
    """The same picture, under another code: not a word of it, nor of its matches."""
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
        page(client, code, "fr", action="write", text="Un mot."),
        page(client, code, "fr", action="withdraw-confirm", protection=everything),
        page(client, code, "fr", action="erase"),
        page(client, code, "fr", action="keep"),
    ]
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
    assert trusts(code) == ["withdrawn", "self_declared"]


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
