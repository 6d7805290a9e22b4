"""Trust moves by facts: what the staff says, what platforms do, and what made us doubt from the first minute."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from rempart.desk.registers.bank import alarms
from rempart.desk.registers.bank.facts import Statement, clear_alarm, note_feedback, note_statement, raise_alarm, vouch
from rempart.desk.registers.bank.models import Feedback, Protection, TrustFact
from rempart.desk.registers.bank.search import trust_of
from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.protection import Kind, SentFile, SentPdq
from rempart.desk.rules.trust import POPULAR, Fact, RefusalReason, Trust, Vote
from rempart.desk.stages.intake import protecting
from rempart.engine import IndexStore, Pdq, rows_of
from tests import cast
from tests.registers.bank.pictures import fresh, pdq, picture, protect, protections, sha256, submission, video

pytestmark = pytest.mark.django_db

NOW = cast.MONDAY
DAY = timedelta(days=1)
ONE, OTHER = 71, 72


def protected() -> Protection:
    return protect("a")[1][0]


def facts_of(protection: Protection) -> list[tuple[str, str, int | None]]:
    return list(TrustFact.objects.filter(protection=protection).order_by("pk").values_list("fact", "why", "by_id"))


def test_what_the_staff_says() -> None:
    one = protected()
    assert raise_alarm(one.pk, "seen_before", now=NOW) is Trust.HELD
    assert clear_alarm(one.pk, by=5, now=NOW) is Trust.SELF_DECLARED
    assert vouch(one.pk, by=6, now=NOW + DAY) is Trust.CONFIRMED
    assert (fresh(one).trust, fresh(one).trust_at) == ("confirmed", NOW + DAY)
    assert facts_of(one) == [("alarm", "seen_before", None), ("cleared", "", 5), ("vouched", "", 6)]
    verbs = list(Entry.objects.filter(subject=f"protection:{one.pk}").order_by("pk").values_list("verb", "by_id"))
    assert verbs == [("alarm_raised", None), ("alarm_cleared", 5), ("vouched", 6)]


def test_a_fact_that_moves_nothing_is_kept_all_the_same() -> None:
    one = protected()
    assert clear_alarm(one.pk, by=5, now=NOW + DAY) is Trust.SELF_DECLARED
    assert facts_of(one) == [("cleared", "", 5)]
    assert fresh(one).trust_at == NOW


def test_one_platform_alone_moves_nothing() -> None:
    one = protected()
    for _ in range(3):
        assert note_feedback(one.pk, ONE, now=NOW, vote=Vote.BLOCKED) is Trust.SELF_DECLARED
    assert not facts_of(one)


def test_two_that_agree_confirm_once_and_two_that_would_not_dispute() -> None:
    one = protected()
    note_feedback(one.pk, ONE, now=NOW, vote=Vote.BLOCKED)
    assert note_feedback(one.pk, OTHER, now=NOW, vote=Vote.BLOCKED) is Trust.CONFIRMED
    note_feedback(one.pk, OTHER, now=NOW, matches=4)
    assert facts_of(one) == [("blocked_by_quorum", "", None)]
    assert TrustFact.objects.get().platform_number == OTHER
    note_feedback(one.pk, ONE, now=NOW, vote=Vote.NOT_BLOCKED)
    assert note_feedback(one.pk, OTHER, now=NOW, vote=Vote.NOT_BLOCKED) is Trust.DISPUTED


def test_too_many_accounts_in_one_day_wait_for_a_person_once() -> None:
    one = protected()
    note_feedback(one.pk, ONE, now=NOW, matches=60, accounts=60)
    assert note_feedback(one.pk, ONE, now=NOW + DAY, matches=60, accounts=POPULAR // 2) is Trust.SELF_DECLARED
    assert note_feedback(one.pk, OTHER, now=NOW + DAY, matches=60, accounts=POPULAR // 2) is Trust.HELD
    assert facts_of(one) == [("alarm", alarms.POPULAR, None)]
    assert sum(Feedback.objects.values_list("matches", flat=True)) == 180
    clear_alarm(one.pk, by=5, now=NOW + DAY)
    assert note_feedback(one.pk, ONE, now=NOW + DAY, accounts=900) is Trust.SELF_DECLARED


def test_what_has_ended_hears_nothing_more() -> None:
    keys, (one,) = protect("a")
    protecting.withdraw(keys, [one.pk], now=NOW)
    before = facts_of(one)
    assert vouch(one.pk, by=5, now=NOW) is Trust.WITHDRAWN
    assert note_feedback(one.pk, ONE, now=NOW, matches=1, vote=Vote.BLOCKED) is Trust.WITHDRAWN
    assert facts_of(one) == before == [("withdrawal", "", None)]
    assert not Feedback.objects.exists()


def test_sent_again_under_another_code_a_doubt_stays_a_doubt() -> None:
    one, again = protected(), protected()
    raise_alarm(one.pk, "seen_before", now=NOW)
    assert again.trust == Trust.SELF_DECLARED
    assert trust_of([one.pk, again.pk]) is Trust.HELD


def declared(file: SentFile) -> tuple[str, list[tuple[str, str, int | None]]]:
    keys = sealing.case_keys(protecting.protect(submission(file), now=NOW, code=None).code)
    (one,) = protections(keys)
    return one.trust, facts_of(one)


def test_a_picture_of_nothing_waits_for_a_person() -> None:
    assert declared(picture("dark", quality=10)) == ("held", [(Fact.ALARM, alarms.NOTHING_TO_SEE, None)])
    assert declared(picture("clear", quality=50)) == ("self_declared", [])


def test_stripes_wait_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    stripes = pdq("stripes whole"), pdq("film 0"), pdq("film 1")
    monkeypatch.setattr(alarms, "is_degenerate", lambda one: one in stripes)
    assert declared(picture("stripes")) == ("held", [(Fact.ALARM, alarms.DEGENERATE, None)])
    assert declared(video("film", 2))[0] == "held"
    assert declared(video("film", 3))[0] == declared(picture("a"))[0] == "self_declared"


def test_the_gate_is_that_of_the_engine() -> None:
    checks = SentPdq(Pdq(b"\xaa" * 32), 100, "whole")
    assert declared(SentFile(Kind.PICTURE, sha256("checks"), (checks,)))[0] == "held"


def test_a_picture_everybody_knows_waits_for_a_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [pdq("flag whole"), pdq("film 0"), pdq("film 1")]
    IndexStore.build(tmp_path / "known", rows_of(known), np.array([1, 2, 3], dtype=np.uint64))
    monkeypatch.setattr(settings, "REMPART_WELL_KNOWN", tmp_path / "known")
    like = SentFile(picture("x").kind, picture("x").sha256, (picture("flag").pdqs[0],))
    assert declared(like) == ("held", [(Fact.ALARM, alarms.WELL_KNOWN, None)])
    assert declared(picture("mine"))[0] == "self_declared"
    assert declared(video("film", 4))[0] == "held"
    assert declared(video("film", 5))[0] == "self_declared"


def test_an_index_that_cannot_be_read_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(settings, "REMPART_WELL_KNOWN", tmp_path / "nowhere")
    with caplog.at_level("WARNING"):
        assert declared(picture("a"))[0] == "self_declared"
    assert "cannot be read (IndexNotFound)" in caplog.text


def test_a_decision_that_arrives_late_does_not_undo_a_later_one() -> None:
    one = protected()
    later = Statement(vote=Vote.BLOCKED, at=NOW + DAY)
    earlier = Statement(vote=Vote.NOT_BLOCKED, reason=RefusalReason.NOT_INTIMATE, at=NOW)
    for told in (later, earlier, earlier):
        note_statement(one.pk, ONE, told, now=NOW + 2 * DAY)
    kept = Feedback.objects.get()
    assert (kept.vote, kept.reason, kept.voted_at) == ("blocked", "", NOW + DAY)


def test_a_platforms_clock_that_is_ahead_does_not_decide_for_ever() -> None:
    one = protected()
    note_statement(one.pk, ONE, Statement(vote=Vote.BLOCKED, at=NOW + 400 * DAY), now=NOW)
    refused = Statement(vote=Vote.NOT_BLOCKED, reason=RefusalReason.WELL_KNOWN, at=NOW + DAY)
    note_statement(one.pk, ONE, refused, now=NOW + DAY)
    kept = Feedback.objects.get()
    assert (kept.vote, kept.reason) == ("not_blocked", "well_known")


def test_a_match_waits_for_the_platforms_people_until_they_decide() -> None:
    one = protected()
    note_statement(one.pk, ONE, Statement(is_under_review=True), now=NOW)
    assert Feedback.objects.get().is_under_review
    note_statement(one.pk, ONE, Statement(vote=Vote.BLOCKED), now=NOW)
    assert not Feedback.objects.get().is_under_review


def test_only_what_lists_tell_is_a_change_for_them() -> None:
    one = protected()
    before = fresh(one).change
    note_statement(one.pk, ONE, Statement(matches=3, accounts=2, is_under_review=True), now=NOW)
    assert fresh(one).change == before
    note_statement(one.pk, ONE, Statement(vote=Vote.BLOCKED), now=NOW)
    assert fresh(one).change > before
