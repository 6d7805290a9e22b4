"""Protecting, taking back, keeping longer: what a code does, what it never tells, and what the worker does on time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from rempart.desk.registers.bank import steps as bank
from rempart.desk.registers.bank.errors import BankRefused
from rempart.desk.registers.bank.facts import note_feedback
from rempart.desk.registers.bank.models import Fingerprint, Protection, TrustFact
from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.vault import sealing
from rempart.desk.registers.vault.keyring import Keyring
from rempart.desk.rules.protection import MOST_PROTECTIONS, Age, Helper, Submission
from rempart.desk.rules.trust import Trust, Vote
from rempart.desk.stages.intake import protecting, queries, steps, worker
from rempart.desk.stages.intake.errors import ErasureRefused, NoSuchCase, ProtectionRefused
from rempart.desk.stages.intake.models import Case, Message
from tests import cast
from tests.registers.bank.pictures import fresh, picture, protect, protections, submission, trusts, video

pytestmark = pytest.mark.django_db

NOW = cast.MONDAY
DAY = timedelta(days=1)
TWO_YEARS = settings.REMPART_RETENTION.protection


@pytest.fixture(autouse=True)
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    made = Keyring(tmp_path / "keyring.sqlite3")
    made.make()
    monkeypatch.setattr(settings, "REMPART_KEYRING", made)
    return made


@pytest.fixture
def committing(django_capture_on_commit_callbacks: object) -> Iterator[None]:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        yield


def letters(keys: sealing.CaseKeys) -> list[str]:
    return [line.text for line in queries.mailbox(queries.case_of(keys), keys)]


# Protecting


def test_a_code_and_what_it_protects() -> None:
    receipt = protecting.protect(submission(picture("a"), video("b")), now=NOW, code=None)
    assert (receipt.added, receipt.known_before) == (2, 0)
    one, other = protecting.protections_of(sealing.case_keys(receipt.code))
    assert (one.number, one.kind, one.trust, one.declared_at) == (1, "picture", Trust.SELF_DECLARED, NOW)
    assert (other.number, other.kind, other.expires_at) == (2, "video", NOW + TWO_YEARS)
    kinds = Fingerprint.objects.order_by("pk").values_list("protection", "kind", "variant")
    assert [row[1:] for row in kinds] == [("sha256", ""), ("pdq", "whole"), ("pdq", "mirror"), ("sha256", ""), ("frames", "")]
    assert Entry.objects.get(verb="protected").detail == {"files": 2}


def test_sent_twice_it_is_once_and_more_can_be_added() -> None:
    code = sealing.new_case_code()
    first = protecting.protect(submission(picture("a")), now=NOW, code=code)
    again = protecting.protect(submission(picture("a")), now=NOW, code=code)
    more = protecting.protect(submission(picture("a"), picture("b")), now=NOW + DAY, code=code)
    assert [(one.added, one.known_before) for one in (first, again, more)] == [(1, 0), (0, 1), (1, 1)]
    assert Case.objects.count() == 1
    assert len(protecting.protections_of(sealing.case_keys(code))) == 2


def test_a_case_holds_so_many_and_a_refusal_keeps_nothing() -> None:
    keys, _ = protect("first")
    case = queries.case_of(keys)
    kept = protections(keys)[0]
    Protection.objects.bulk_create(
        Protection(
            case_number=case.pk, key_number=n, kind="picture", age=kept.age, helper=kept.helper, is_device_shared=False,
            trust_at=NOW, declared_at=NOW, expires_at=NOW, file_digest=n.to_bytes(32), edition=1,
        )
        for n in range(1, MOST_PROTECTIONS)
    )  # fmt: skip
    with pytest.raises(BankRefused, match="case_full"), transaction.atomic():
        bank.declare(case.pk, submission(picture("one too many")), now=NOW)
    assert Protection.objects.count() == MOST_PROTECTIONS


def test_without_a_keyring_nothing_is_taken(keyring: Keyring) -> None:
    keyring.path.unlink()
    with pytest.raises(ProtectionRefused) as refused, transaction.atomic():
        protecting.protect(submission(picture("a")), now=NOW, code=None)
    assert refused.value.reasons == ("bank_closed",)
    assert not Protection.objects.exists()
    assert not Case.objects.exists()
    assert not keyring.exists()


def test_the_same_picture_is_linked_and_nobody_is_told() -> None:
    first = protecting.protect(submission(picture("a")), now=NOW, code=None)
    second = protecting.protect(submission(picture("a"), picture("b")), now=NOW, code=None)
    alone = protecting.protect(submission(picture("c"), picture("d")), now=NOW, code=None)
    mine, hers = protections(sealing.case_keys(first.code)), protections(sealing.case_keys(second.code))
    assert mine[0].same_as == hers[0].same_as == mine[0].pk
    assert hers[1].same_as is None
    # Two files of which one is known elsewhere are answered as two of which none is.
    assert (second.added, second.known_before) == (alone.added, alone.known_before)
    seen = [protecting.protections_of(sealing.case_keys(receipt.code)) for receipt in (second, alone)]
    told = [[(one.number, one.kind, one.trust, one.expires_at, one.matches) for one in page] for page in seen]
    assert told[0] == told[1]


# Taking back


@pytest.mark.usefixtures("committing")
def test_a_withdrawal_is_at_once_and_leaves_the_others_standing() -> None:
    keys, (one, other) = protect("a", "b")
    hers, (same,) = protect("a")
    assert protecting.withdraw(keys, [one.pk, same.pk], now=NOW + DAY) == (protecting.WithdrawReceipt(1, None))
    assert trusts([one, other, same]) == ["withdrawn", "self_declared", "self_declared"]
    assert not fresh(one).fingerprints.exists()
    assert fresh(other).fingerprints.count() == 3
    assert (fresh(one).file_digest, fresh(one).same_as, fresh(same).same_as) == (None, None, None)
    assert letters(keys) == []
    assert [seen.trust for seen in protecting.protections_of(hers)] == [Trust.SELF_DECLARED]
    assert protecting.withdraw(keys, [one.pk], now=NOW + DAY) == protecting.WithdrawReceipt(0, None)


def test_the_key_goes_with_the_commit(keyring: Keyring, django_capture_on_commit_callbacks: object) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        keys, (one, other) = protect("a", "b")
        protecting.withdraw(keys, [one.pk], now=NOW)
        assert set(keyring.keys_of([one.key_number, other.key_number])) == {one.key_number, other.key_number}
    assert set(keyring.keys_of([one.key_number, other.key_number])) == {other.key_number}
    assert fresh(one).forgotten_at == NOW


def test_a_crash_before_the_key_was_forgotten_is_made_good(keyring: Keyring) -> None:
    keys, (one,) = protect("a")
    protecting.withdraw(keys, [one.pk], now=NOW)
    assert keyring.keys_of([one.key_number])
    assert worker.work(now=NOW) == 1
    assert not keyring.keys_of([one.key_number])
    assert worker.work(now=NOW) == 0


def test_on_a_shared_device_there_is_a_day_to_think_again() -> None:
    keys, (one, other) = protect("a", "b", is_device_shared=True)
    receipt = protecting.withdraw(keys, [one.pk, other.pk], now=NOW)
    assert receipt == protecting.WithdrawReceipt(0, NOW + DAY)
    (letter,) = letters(keys)
    assert "2 images" in letter
    assert "ton code" in letter
    assert "03/03/2026 à 10 h 00" in letter
    # Asked again, the day does not begin anew, and the mailbox is not filled.
    assert protecting.withdraw(keys, [one.pk], now=NOW + DAY / 2).due_at == NOW + DAY
    assert len(letters(keys)) == 1
    assert worker.work(now=NOW + DAY - timedelta(seconds=1)) == 0
    assert trusts([one, other]) == ["self_declared"] * 2
    assert worker.work(now=NOW + DAY) == 4  # two ended, two keys forgotten
    assert trusts([one, other]) == ["withdrawn"] * 2
    assert not Fingerprint.objects.exists()


def test_whoever_thinks_again_keeps_everything() -> None:
    keys, (one,) = protect("a", is_device_shared=True)
    protecting.withdraw(keys, [one.pk], now=NOW)
    assert protecting.cancel_withdrawal(keys, now=NOW + DAY / 2) == 1
    assert protecting.cancel_withdrawal(keys, now=NOW + DAY / 2) == 0
    assert worker.work(now=NOW + 2 * DAY) == 0
    assert trusts([one]) == ["self_declared"]
    verbs = Entry.objects.filter(verb__startswith="withdrawal").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["withdrawal_asked", "withdrawal_cancelled"]


def test_an_erased_case_protects_nothing_any_more(keyring: Keyring) -> None:
    keys, (one,) = protect("a")
    steps.erase_case(keys, now=NOW)
    worker.work(now=NOW)
    assert trusts([one]) == ["withdrawn"]
    assert not Fingerprint.objects.exists()
    assert keyring.forgotten_of([one.key_number]) == {one.key_number}
    with pytest.raises(NoSuchCase):
        protecting.protections_of(keys)


def test_erasing_is_no_way_around_the_day_of_second_thoughts() -> None:
    keys, (one,) = protect("a", is_device_shared=True)
    with pytest.raises(ErasureRefused, match="protections_stand"):
        steps.erase_case(keys, now=NOW)
    protecting.withdraw(keys, [one.pk], now=NOW)
    with pytest.raises(ErasureRefused):
        steps.erase_case(keys, now=NOW)
    worker.work(now=NOW + DAY)
    steps.erase_case(keys, now=NOW + DAY)
    with pytest.raises(NoSuchCase):
        queries.case_of(keys)


def test_another_code_changes_and_sees_nothing() -> None:
    protect("a")
    stranger = sealing.case_keys(sealing.new_case_code())
    for gesture in (
        lambda: protecting.withdraw(stranger, [1], now=NOW),
        lambda: protecting.cancel_withdrawal(stranger, now=NOW),
        lambda: protecting.renew(stranger, now=NOW),
        lambda: protecting.protections_of(stranger),
    ):
        with pytest.raises(NoSuchCase):
            gesture()


# Two years


def test_asked_once_a_month_before_then_it_ends() -> None:
    keys, (one, other) = protect("a", "b")
    ends = NOW + TWO_YEARS
    assert worker.work(now=ends - 30 * DAY - timedelta(seconds=1)) == 0
    assert worker.work(now=ends - 30 * DAY) == 2
    assert worker.work(now=ends - timedelta(seconds=1)) == 0
    (letter,) = letters(keys)
    assert "2 images ou vidéos" in letter
    assert "Tu protèges" in letter
    worker.work(now=ends)
    assert trusts([one, other]) == ["expired"] * 2
    assert not Fingerprint.objects.exists()


def test_renewed_it_stands_two_years_more() -> None:
    keys, (one,) = protect("a")
    ends = NOW + TWO_YEARS
    worker.work(now=ends - 30 * DAY)
    assert protecting.renew(keys, now=ends - DAY) == 1
    assert worker.work(now=ends + DAY) == 0
    assert fresh(one).expires_at == ends - DAY + TWO_YEARS
    assert worker.work(now=ends - DAY + TWO_YEARS - 30 * DAY) == 1
    assert len(letters(keys)) == 2


def test_whoever_was_asked_late_has_a_month_all_the_same() -> None:
    """The desk was switched off when the question was due."""
    keys, (one,) = protect("a")
    late = NOW + TWO_YEARS + 10 * DAY  # the eleventh of March 2028
    assert worker.work(now=late) == 1
    assert "10/04/2028" in letters(keys)[0]
    assert worker.work(now=late + 29 * DAY) == 0
    assert trusts([one]) == ["self_declared"]
    assert worker.work(now=late + 30 * DAY) == 2
    assert trusts([one]) == ["expired"]


@pytest.mark.parametrize(("age", "helper"), [(Age.ADULT, Helper.NOBODY), (Age.UNDER_13, Helper.PARENT)])
def test_grown_ups_are_said_vous(age: Age, helper: Helper) -> None:
    sent = Submission((picture("a"),), age, helper, is_device_shared=True, language="fr")
    keys = sealing.case_keys(protecting.protect(sent, now=NOW, code=None).code)
    protecting.withdraw(keys, [one.pk for one in protections(keys)], now=NOW)
    assert "votre code" in letters(keys)[0]
    assert "tu " not in letters(keys)[0]


def test_the_matches_of_each_platform_by_its_name() -> None:
    keys, (one,) = protect("a")
    platform = cast.listed(cast.SILENT)
    note_feedback(one.pk, platform.pk, now=NOW, matches=2, vote=Vote.BLOCKED)
    note_feedback(one.pk, platform.pk, now=NOW + DAY, matches=1)
    (seen,) = protecting.protections_of(keys)
    assert seen.matches == (protecting.Matched("Puits", 3, NOW + DAY, Vote.BLOCKED, None, is_under_review=False),)


def test_half_of_a_batch_is_never_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails in the middle, nothing of that step remains."""
    keys, protected = protect("a", "b", "c")
    before = (Fingerprint.objects.count(), TrustFact.objects.count(), Entry.objects.count(), Message.objects.count())

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(bank, "_unlink", fail)
    with pytest.raises(OSError, match="full"), transaction.atomic():
        protecting.withdraw(keys, [one.pk for one in protected], now=NOW)
    assert (Fingerprint.objects.count(), TrustFact.objects.count(), Entry.objects.count(), Message.objects.count()) == before
    assert trusts(protected) == ["self_declared"] * 3
    assert connection.in_atomic_block
