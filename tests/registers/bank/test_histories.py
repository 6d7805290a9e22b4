"""Whatever people, platforms and time do, in any order, the bank keeps its promises."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.conf import settings
from django.db import transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from rempart.desk.registers.bank import facts
from rempart.desk.registers.bank.models import Fingerprint, Protection, TrustFact
from rempart.desk.registers.bank.search import BankSearch
from rempart.desk.registers.vault import sealing
from rempart.desk.registers.vault.keyring import Keyring
from rempart.desk.rules.trust import LIVE, Fact, Trust, Vote, after
from rempart.desk.stages.intake import protecting, worker
from tests import cast
from tests.registers.bank.pictures import pdq, picture, protections, submission

WHO, WHAT = range(3), ["a", "b", "c"]
CODES = [sealing.new_case_code() for _ in WHO]

gestures = st.one_of(
    st.tuples(st.just("protect"), st.sampled_from(WHO), st.lists(st.sampled_from(WHAT), min_size=1), st.booleans()),
    st.tuples(st.just("withdraw"), st.sampled_from(WHO), st.lists(st.integers(0, 5), min_size=1)),
    st.tuples(st.sampled_from(["cancel", "renew"]), st.sampled_from(WHO)),
    st.tuples(st.sampled_from(["vouch", "clear", "alarm"]), st.integers(0, 8)),
    st.tuples(st.just("platform"), st.integers(0, 8), st.integers(1, 3), st.sampled_from(Vote), st.integers(0, 120)),
    st.tuples(st.just("wait"), st.sampled_from([1, 24, 24 * 30, 24 * 700, 24 * 731])),
)


@pytest.mark.django_db
@hypothesis_settings(max_examples=25)
@given(st.lists(gestures, max_size=14))
def test_any_history_keeps_the_promises(history: list[tuple[object, ...]]) -> None:
    point = transaction.savepoint()
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        keyring = Keyring(Path(folder) / "k")
        keyring.make()
        patch.setattr(settings, "REMPART_KEYRING", keyring)
        clock = cast.Clock()
        for gesture in history:
            lived(gesture, clock)
            promises(keyring)
        worker.work(now=clock.now)
        ended = Protection.objects.filter(ended_at__isnull=False).values_list("key_number", flat=True)
        assert keyring.forgotten_of(ended) == set(ended)
    transaction.savepoint_rollback(point)


def lived(gesture: tuple[object, ...], clock: cast.Clock) -> None:
    name, *given_ = gesture
    if name == "wait":
        worker.work(now=clock.later(hours=given_[0]))  # type: ignore[arg-type]
    elif name in {"vouch", "clear", "alarm", "platform"}:
        said_of(name, given_, clock)  # type: ignore[arg-type]
    else:
        asked(name, given_, clock)  # type: ignore[arg-type]


def said_of(name: str, given_: list[int], clock: cast.Clock) -> None:
    known = list(Protection.objects.order_by("pk").values_list("pk", flat=True))
    if given_[0] >= len(known):
        return
    number = known[given_[0]]
    before = Trust(Protection.objects.get(pk=number).trust)
    if name == "platform":
        vote: Vote = given_[2]  # type: ignore[assignment]
        facts.note_feedback(number, given_[1], now=clock.now, matches=1, accounts=given_[3], vote=vote)
    elif name == "alarm":
        facts.raise_alarm(number, "seen_before", now=clock.now)
    else:
        {"vouch": facts.vouch, "clear": facts.clear_alarm}[name](number, by=1, now=clock.now)
    if before not in LIVE:
        assert Trust(Protection.objects.get(pk=number).trust) is before


def asked(name: str, given_: list[object], clock: cast.Clock) -> None:
    code = CODES[given_[0]]  # type: ignore[call-overload]
    keys = sealing.case_keys(code)
    if name == "protect":
        files = {what: picture(what) for what in given_[1]}  # type: ignore[attr-defined]
        sent = submission(*files.values(), is_device_shared=bool(given_[2]))
        receipt = protecting.protect(sent, now=clock.now, code=code)
        assert receipt.added + receipt.known_before == len(files)
        return
    try:
        mine = protections(keys)
    except protecting.Case.DoesNotExist:
        return
    if name == "withdraw":
        chosen = [mine[place].pk for place in given_[1] if place < len(mine)]  # type: ignore[attr-defined]
        receipt = protecting.withdraw(keys, chosen, now=clock.now)
        assert receipt.due_at is None or clock.now < receipt.due_at <= clock.now + timedelta(days=1)
    else:
        {"cancel": protecting.cancel_withdrawal, "renew": protecting.renew}[name](keys, now=clock.now)


def promises(keyring: Keyring) -> None:
    every = list(Protection.objects.order_by("pk"))
    live = {one.pk for one in every if one.ended_at is None}
    for one in every:
        assert (one.pk in live) == (Trust(one.trust) in LIVE)
        trust = Trust.SELF_DECLARED
        for fact in TrustFact.objects.filter(protection=one).order_by("pk").values_list("fact", flat=True):
            trust = after(trust, Fact(fact))
        assert one.trust == trust, "trust is what the facts make together"
    assert set(Fingerprint.objects.values_list("protection", flat=True)) == live, "ended: no byte; live: all of them"
    numbers = [one.key_number for one in every if one.pk in live]
    assert set(keyring.keys_of(numbers)) == set(numbers)
    linked(every)
    found = {one.protection for one in BankSearch().near([pdq(f"{what} whole") for what in WHAT])}
    assert found == live


def linked(every: list[Protection]) -> None:
    """Same number if and only if same file; alone, or ended, none."""
    by_file: dict[bytes, list[Protection]] = {}
    for one in every:
        if one.ended_at is not None:
            assert (one.same_as, one.file_digest, one.withdraw_due_at) == (None, None, None)
        else:
            by_file.setdefault(bytes(one.file_digest or b""), []).append(one)
    groups = [{one.same_as for one in same} for same in by_file.values()]
    for group, same in zip(groups, by_file.values(), strict=True):
        assert len(group) == 1
        assert (group == {None}) == (len(same) == 1)
    numbers = [number for group in groups for number in group if number is not None]
    assert len(numbers) == len(set(numbers))
