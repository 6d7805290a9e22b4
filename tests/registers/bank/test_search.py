"""What protects is found, what has ended is not, at once and in every process; what is forgotten cannot be found by anybody."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from rempart.desk.registers.bank import search as searching
from rempart.desk.registers.bank import steps as bank
from rempart.desk.registers.bank.search import BankSearch, Found, same_file, trust_of
from rempart.desk.registers.vault import sealing
from rempart.desk.registers.vault.keyring import Keyring
from rempart.desk.rules.trust import Trust
from rempart.desk.stages.intake import protecting
from tests import cast
from tests.registers.bank.pictures import near, pdq, picture, protect, protections, sha256, submission, video

NOW = cast.MONDAY
DAY = timedelta(days=1)


@pytest.mark.django_db
def test_each_view_of_a_picture_and_each_second_of_a_video_is_found() -> None:
    sent = submission(picture("a"), video("film"))
    keys = sealing.case_keys(protecting.protect(sent, now=NOW, code=None).code)
    one, film = protections(keys)
    search = BankSearch()
    assert len(search) == 5
    assert search.near([near(pdq("a mirror"), 31)]) == [Found(one.pk, 31)]
    assert search.near([near(pdq("a mirror"), 32)]) == []
    assert search.near([pdq("film 2"), near(pdq("a whole"), 4)]) == [Found(film.pk, 0), Found(one.pk, 4)]
    assert search.near([]) == []
    assert search.near_each([pdq("film 2"), pdq("z"), near(pdq("a whole"), 4)]) == [{film.pk}, set(), {one.pk}]
    assert search.near_each([near(pdq("a mirror"), 32)], radius=35) == [{one.pk}]
    assert search.near_each([]) == []
    assert same_file(sha256("film")) == [film.pk]


@pytest.mark.django_db
def test_what_shows_too_little_is_kept_and_not_compared() -> None:
    sent = submission(picture("dark", quality=49))
    protecting.protect(sent, now=NOW, code=None)
    assert BankSearch().near([pdq("dark whole")]) == []
    assert len(same_file(sha256("dark"))) == 1


@pytest.mark.django_db(transaction=True)
def test_beginnings_and_ends_are_seen_at_once_by_every_search(monkeypatch: pytest.MonkeyPatch) -> None:
    here, elsewhere = BankSearch(), BankSearch()
    keys, (one,) = protect("a")
    assert here.near([pdq("a whole")]) == elsewhere.near([pdq("a whole")]) == [Found(one.pk, 0)]
    _, (same,) = protect("a")
    assert [found.protection for found in here.near([pdq("a whole")])] == [one.pk, same.pk]
    protecting.withdraw(keys, [one.pk], now=NOW)
    assert here.near([pdq("a whole")]) == elsewhere.near([pdq("a whole")]) == [Found(same.pk, 0)]
    assert len(here) == len(elsewhere) == len(BankSearch()) == 2
    # Nothing is read again while nothing changes.
    monkeypatch.setattr(searching, "_caught_up", None)
    monkeypatch.setattr(searching, "_read_all", None)
    assert here.near([pdq("a mirror")]) == [Found(same.pk, 0)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("few", [0, 3, 1_000])
def test_however_it_catches_up_the_answers_are_those_of_a_new_one(few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FEW", few)
    old = BankSearch()
    for round_ in range(6):
        keys, protected = protect(*(f"{round_} {n}" for n in range(3)))
        assert len(old) == len(BankSearch())
        protecting.withdraw(keys, [protected[round_ % 3].pk], now=NOW)
        questions = [pdq(f"{r} {n} whole") for r in range(6) for n in range(3)]
        assert old.near(questions) == BankSearch().near(questions)
        assert len(old) == len(BankSearch()) == 4 * (round_ + 1)


@pytest.mark.django_db(transaction=True)
def test_what_was_undone_was_never_there() -> None:
    search = BankSearch()
    with transaction.atomic():
        protect("a")
        assert search.near([pdq("a whole")])
        transaction.set_rollback(True)
    _, (other,) = protect("b")
    assert search.near([pdq("a whole"), pdq("b whole")]) == [Found(other.pk, 0)]


@pytest.mark.django_db
def test_without_its_key_a_fingerprint_is_found_by_nobody(keyring: Keyring) -> None:
    _, (one, other) = protect("a", "b")
    keyring.forget([one.key_number])
    assert [found.protection for found in BankSearch().near([pdq("a whole"), pdq("b whole")])] == [other.pk]
    assert bank.end_forgotten(now=NOW + DAY) == 1
    assert trust_of([one.pk]) is None
    assert bank.end_forgotten(now=NOW + DAY) == 0
    keyring.path.unlink()
    assert BankSearch().near([pdq("b whole")]) == []


@pytest.mark.django_db
def test_another_keyring_ends_nothing(keyring: Keyring) -> None:
    """A keyring that never knew them is a mistake to be mended, not a withdrawal."""
    _, (one,) = protect("a")
    keyring.path.unlink()
    keyring.make()
    assert bank.end_forgotten(now=NOW) == 0
    assert trust_of([one.pk]) is Trust.SELF_DECLARED
    assert BankSearch().near([pdq("a whole")]) == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_threads_ask_while_the_bank_changes() -> None:
    search, stop, wrong = BankSearch(), threading.Event(), []
    _, (kept,) = protect("kept")

    def ask() -> None:
        while not stop.is_set():
            if search.near([pdq("kept whole")]) != [Found(kept.pk, 0)]:
                wrong.append("not found")
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(5):
        keys, protected = protect(f"passing {number}")
        protecting.withdraw(keys, [protected[0].pk], now=NOW)
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(search) == 2
