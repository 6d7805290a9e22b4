"""One decision in, the list of duties out; and when an item may close."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rules.assessment import Decision, Verdict
from rempart.desk.rules.classification import ContentCategory, Grading
from rempart.desk.rules.duties import (
    BY_A_PERSON,
    DOSSIERS,
    DutyKind,
    Outcome,
    Owed,
    Recipients,
    Stand,
    closing_of,
    closing_without_duties,
    duties_for,
    owed_to_reporter,
)
from rempart.desk.rules.lifecycle import Closing

ids = st.integers(1, 50)
decisions = st.builds(
    Decision,
    verdict=st.sampled_from(list(Verdict)),
    grading=st.sampled_from([None, Grading(ContentCategory.CSAM_NATIONAL)]),
    is_police_first=st.booleans(),
)
recipients = st.builds(
    Recipients,
    ladder=st.lists(ids, max_size=4, unique=True).map(tuple),
    authority=st.none() | ids,
    partner=st.none() | ids,
)
stands = st.lists(
    st.builds(Stand, kind=st.sampled_from([DutyKind.NOTICE, *DOSSIERS]), outcome=st.none() | st.sampled_from(list(Outcome))),
    max_size=6,
)
ILLEGAL = Decision(Verdict.ILLEGAL_IN_FIELD)
EVERYBODY = Recipients(ladder=(3, 4), authority=1, partner=2)


def test_illegal_in_our_field() -> None:
    assert duties_for(ILLEGAL, EVERYBODY, has_address=True) == (
        Owed(DutyKind.AUTHORITY, 1),
        Owed(DutyKind.PARTNER, 2),
        Owed(DutyKind.NOTICE, 3),
    )


def test_police_first_holds_only_the_notice() -> None:
    owed = duties_for(replace(ILLEGAL, is_police_first=True), EVERYBODY, has_address=True)
    assert [one.waits_for_authority for one in owed] == [False, False, True]


def test_somebody_unknown_is_still_owed_a_notice() -> None:
    assert Owed(DutyKind.NOTICE, None) in duties_for(ILLEGAL, Recipients(), has_address=True)


@given(decisions, recipients, st.booleans())
def test_duties_of_any_decision(decision: Decision, known: Recipients, has_address: bool) -> None:
    owed = duties_for(decision, known, has_address=has_address)
    kinds = [one.kind for one in owed]
    assert len(kinds) == len(set(kinds)), "nothing is owed twice"
    is_illegal = decision.verdict in {Verdict.ILLEGAL_IN_FIELD, Verdict.ILLEGAL_OUTSIDE_FIELD}
    assert (DutyKind.AUTHORITY in kinds) == is_illegal
    assert (DutyKind.NOTICE in kinds) == (decision.verdict is Verdict.ILLEGAL_IN_FIELD and has_address)
    assert {one.recipient for one in owed} <= {*known.ladder, known.authority, known.partner, None}
    for one in owed:
        assert not one.waits_for_authority or (one.kind is DutyKind.NOTICE and DutyKind.AUTHORITY in kinds)
        assert not one.waits_for_authority or decision.is_police_first
    assert DutyKind.ANSWER not in kinds, "reporters are answered once a report, not once an address"


@given(st.lists(st.sampled_from(list(Verdict)), min_size=1, max_size=10).map(tuple))
def test_every_reporter_is_owed_an_answer(verdicts: tuple[Verdict, ...]) -> None:
    owed = owed_to_reporter(verdicts)
    assert owed.count(DutyKind.ANSWER) == 1
    assert (DutyKind.REFERRAL in owed) == (Verdict.LAWFUL_HELP_NEEDED in verdicts)
    assert not set(owed) & BY_A_PERSON


def test_without_duties_help_is_a_full_outcome() -> None:
    assert closing_without_duties(Verdict.LAWFUL_HELP_NEEDED) is Closing.HELP_GIVEN
    assert closing_without_duties(Verdict.NOT_FOUND) is closing_without_duties(Verdict.HARMFUL_BUT_LAWFUL) is Closing.NO_ACTION


@given(stands)
def test_what_is_still_owed_or_followed_keeps_an_item_open(found: list[Stand]) -> None:
    closing = closing_of(found)
    notices = [stand.outcome for stand in found if stand.kind is DutyKind.NOTICE]
    if None in notices or Outcome.SENT in notices:
        assert closing is None
    elif any(stand.outcome is None for stand in found):
        assert closing in {None, Closing.ALREADY_GONE}
    else:
        assert closing is not None
    if closing is Closing.ALREADY_GONE:
        assert Outcome.ALREADY_GONE in notices
    assert closing_of(reversed(found)) is closing, "order does not matter"


def test_handed_to_whom() -> None:
    police = Stand(DutyKind.AUTHORITY, Outcome.HANDED_OVER)
    partner = Stand(DutyKind.PARTNER, Outcome.HANDED_OVER)
    cleared = Stand(DutyKind.AUTHORITY, Outcome.CLEARED)
    assert closing_of([police, partner]) is Closing.HANDED_TO_AUTHORITY
    assert closing_of([cleared, partner]) is Closing.HANDED_TO_PARTNER
    assert closing_of([cleared]) is Closing.NO_ACTION
    assert closing_of([Stand(DutyKind.NOTICE, Outcome.CLEARED), police]) is Closing.HANDED_TO_AUTHORITY
