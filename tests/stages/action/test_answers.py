"""Reporters are answered: what they read, what they are told by e-mail, and what is then forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.conf import LazySettings

from rempart.desk.registers.vault import sealing
from rempart.desk.rules.assessment import Decision
from rempart.desk.rules.duties import DutyKind, Failure, Outcome
from rempart.desk.rules.lifecycle import Closing
from rempart.desk.rules.report import AnswerBy
from rempart.desk.stages.action import queries, steps
from rempart.desk.stages.action.models import Duty
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake.models import Report
from rempart.desk.stages.intake.steps import Receipt, erase_case, receive_relapse
from tests import cast
from tests.outlets.mailserver import text_of
from tests.stages.action.conftest import Stage

pytestmark = pytest.mark.django_db


def decided(addresses: str, decision: Decision, details: cast.Details = cast.PAUL, language: str = "fr") -> Receipt:
    receipt = cast.receive(addresses, details, language=language)
    cast.prepare(now=cast.MONDAY)
    for item in cast.items_of(receipt):
        cast.assessed(item, decision)
    return receipt


def mailbox(receipt: Receipt) -> list[str]:
    keys = cast.keys_of(receipt)
    return [line.text for line in intake.mailbox(intake.case_of(keys), keys)]


def outcomes(receipt: Receipt) -> dict[str, str]:
    return dict(Duty.objects.filter(report_id=receipt.report_id).values_list("kind", "outcome"))


def test_the_answer_waits_on_the_case_page(stage: Stage) -> None:
    cast.full_directory()
    receipt = decided("https://bonne-reponse.example/a", cast.REMOVE_IT)
    stage.round()
    (answer,) = mailbox(receipt)
    assert "contraire à la loi" in answer
    assert "bonne-reponse.example" not in answer
    assert outcomes(receipt) == {DutyKind.ANSWER: Outcome.ANSWERED}
    assert Report.objects.get().answered_at == cast.MONDAY
    stage.until_calm(hours=9)
    assert len(mailbox(receipt)) == 1


def test_a_report_is_answered_when_its_last_address_is_decided(stage: Stage) -> None:
    cast.full_directory()
    receipt = cast.receive("https://bonne-reponse.example/a https://lawful.example/b", language="en")
    cast.prepare(now=cast.MONDAY)
    first, second = cast.items_of(receipt)
    cast.assessed(first)
    stage.until_calm()
    assert mailbox(receipt) == []
    cast.assessed(second, cast.HARD_BUT_LAWFUL)
    stage.until_calm()
    (answer,) = mailbox(receipt)
    assert "Address 1 of your report" in answer
    assert "Address 2 of your report" in answer
    assert answer.index("against the law") < answer.index("does not let us ask")


def test_help_is_part_of_the_answer(stage: Stage) -> None:
    helper = cast.listed(cast.HELP)
    phone = cast.directory.add_contact(helper, cast.Channel.PHONE, "01 23 45 67 89", found_by="staff", now=cast.MONDAY)
    cast.directory.approve_contact(phone, by=cast.solene().pk, now=cast.MONDAY)
    receipt = decided("https://lawful.example/", cast.SOMEBODY_NEEDS_HELP)
    stage.round()
    (answer,) = mailbox(receipt)
    assert "Écoute (inventée) : 01 23 45 67 89" in answer
    assert "119" in answer
    assert outcomes(receipt) == {DutyKind.ANSWER: Outcome.ANSWERED, DutyKind.REFERRAL: Outcome.ANSWERED}
    assert cast.items_of(receipt)[0].closing == Closing.HELP_GIVEN


def test_a_minor_is_spoken_to_as_one(stage: Stage) -> None:
    decided("https://lawful.example/", cast.NOTHING_THERE, cast.LINA)
    receipt = decided("https://lawful.example/2", cast.NOTHING_THERE, cast.LINA)
    stage.round()
    (answer,) = mailbox(receipt)
    assert "Tu as bien fait" in answer
    assert "vous" not in answer.lower()


def test_an_email_says_only_that_something_waits(stage: Stage) -> None:
    cast.full_directory()
    receipt = decided("https://bonne-reponse.example/a", cast.REMOVE_IT, cast.by_email(cast.PAUL, "paul@temoin.example"))
    assert Report.objects.get().sealed_email is not None
    stage.round()
    mail = stage.mailbox.only()
    assert mail["To"] == "paul@temoin.example"
    assert mail["Subject"] == "Un message vous attend"
    words = (text_of(mail) + str(mail)).lower()
    assert receipt.code is not None
    for leak in ("bonne-reponse", "signal", "illicite", "loi", "enfant", "rempart", str(receipt.code).lower(), "http"):
        assert leak not in words.replace("rempart-reference", ""), leak
    assert len(mailbox(receipt)) == 1
    assert Report.objects.get().sealed_email is None
    assert outcomes(receipt) == {DutyKind.ANSWER: Outcome.ANSWERED_AND_TOLD}


def test_an_address_that_does_not_exist_is_forgotten(stage: Stage) -> None:
    stage.mailbox.at_rcpt = "550 no such mailbox"
    receipt = decided("https://lawful.example/", cast.HARD_BUT_LAWFUL, cast.by_email(cast.PAUL))
    stage.round()
    assert outcomes(receipt) == {DutyKind.ANSWER: Outcome.ANSWERED_NOT_TOLD}
    assert Report.objects.get().sealed_email is None
    assert not queries.red().exists()


def test_a_mail_server_away_is_waited_for_then_red(stage: Stage) -> None:
    stage.mailbox.at_rcpt = "451 later"
    receipt = decided("https://lawful.example/", cast.HARD_BUT_LAWFUL, cast.by_email(cast.PAUL))
    stage.round()
    assert not queries.red().exists()
    for _ in range(10):
        stage.until_calm(hours=3)
    duty = queries.red().get()
    assert (duty.failure, duty.attempts) == (Failure.NOT_SENT, 6)
    assert Report.objects.get().sealed_email is not None
    stage.mailbox.at_rcpt = "250 OK"
    steps.retry_duty(duty, cast.solene(), now=stage.now)
    stage.until_calm()
    assert outcomes(receipt) == {DutyKind.ANSWER: Outcome.ANSWERED_AND_TOLD}
    assert len(mailbox(receipt)) == 1


def test_no_answer_wanted(stage: Stage) -> None:
    receipt = decided("https://lawful.example/", cast.SOMEBODY_NEEDS_HELP, replace(cast.PAUL, answer_by=AnswerBy.NOTHING))
    stage.round()
    assert mailbox(receipt) == []
    assert set(outcomes(receipt).values()) == {Outcome.NO_ANSWER_WANTED}
    assert Report.objects.get().answered_at == cast.MONDAY


def test_an_erased_case_is_not_written_to(stage: Stage) -> None:
    receipt = decided("https://lawful.example/", cast.HARD_BUT_LAWFUL, cast.by_email(cast.PAUL))
    erase_case(cast.keys_of(receipt), now=cast.MONDAY)
    stage.round()
    assert outcomes(receipt) == {DutyKind.ANSWER: Outcome.CASE_ERASED}
    assert not stage.mailbox.taken


def test_erased_while_the_email_waits(stage: Stage) -> None:
    stage.mailbox.at_rcpt = "451 later"
    receipt = decided("https://lawful.example/", cast.HARD_BUT_LAWFUL, cast.by_email(cast.PAUL))
    stage.round()
    erase_case(cast.keys_of(receipt), now=stage.now)
    stage.mailbox.at_rcpt = "250 OK"
    stage.until_calm(hours=1)
    assert not stage.mailbox.taken
    assert outcomes(receipt) == {DutyKind.ANSWER: Outcome.CASE_ERASED}


def test_a_relapse_has_no_case(stage: Stage) -> None:
    item = cast.assessed(cast.ready_item("https://lawful.example/"), cast.NOTHING_THERE)
    again = receive_relapse(item, now=cast.MONDAY)
    cast.prepare(now=cast.MONDAY)
    again.refresh_from_db()
    cast.assessed(again, cast.NOTHING_THERE)
    stage.round()
    assert Duty.objects.get(report=again.report).outcome == Outcome.NO_CASE
    assert Report.objects.get(pk=again.report_id).answered_at is not None


def test_answers_are_sealed(stage: Stage, settings: LazySettings) -> None:
    receipt = decided("https://lawful.example/", cast.HARD_BUT_LAWFUL)
    stage.round()
    message = intake.case_of(cast.keys_of(receipt)).messages.get()
    for sealed in (bytes(message.sealed_for_staff), bytes(message.sealed_for_case)):
        assert "équipe".encode() not in sealed
    assert "équipe" in sealing.unseal(bytes(message.sealed_for_staff))
