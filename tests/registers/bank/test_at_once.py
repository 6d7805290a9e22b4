"""Several people and the worker at one moment, on a database with many writers: nobody waits for ever, nothing is done twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from rempart.desk.registers.bank.models import Fingerprint, Protection
from rempart.desk.registers.bank.search import BankSearch
from rempart.desk.registers.vault import sealing
from rempart.desk.stages.intake import protecting, worker
from tests import cast
from tests.registers.bank.pictures import pdq, picture, protect, submission

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

NOW = cast.MONDAY


def at_once(*gestures: Callable[[], object]) -> list[BaseException]:
    start, failed = threading.Barrier(len(gestures)), []

    def live(gesture: Callable[[], object]) -> None:
        start.wait()
        try:
            gesture()
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=live, args=(gesture,)) for gesture in gestures]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return failed


def test_a_double_click_protects_once() -> None:
    code = sealing.new_case_code()
    receipts = []

    def send() -> None:
        receipts.append(protecting.protect(submission(picture("a"), picture("b")), now=NOW, code=code))

    assert not at_once(send, send, send)
    assert sorted((receipt.added, receipt.known_before) for receipt in receipts) == [(0, 2), (0, 2), (2, 0)]
    assert Protection.objects.count() == 2


def test_people_with_the_same_pictures_and_the_worker_do_not_hold_each_other_up() -> None:
    late = NOW + timedelta(days=2)
    for turn in range(4):
        keys, mine = protect("a", "b", is_device_shared=True)
        other, hers = protect("b", "a")
        protecting.withdraw(keys, [one.pk for one in mine], now=NOW)

        def again() -> None:
            protect("a", "b", "c")

        failed = at_once(
            again,
            again,
            lambda: worker.protect(now=late),
            lambda: worker.protect(now=late),
            lambda other=other, hers=hers: protecting.withdraw(other, [one.pk for one in hers], now=NOW),
            lambda keys=keys: protecting.cancel_withdrawal(keys, now=NOW),
        )
        assert not failed, turn
        live = Protection.objects.filter(ended_at__isnull=True)
        assert set(Fingerprint.objects.values_list("protection", flat=True)) == set(live.values_list("pk", flat=True))
        linked = {(bytes(one.file_digest or b""), one.same_as) for one in live}
        assert len(linked) == len({digest for digest, _ in linked}), "one number for each file"
        found = BankSearch().near([pdq(f"{name} whole") for name in "abc"])
        assert {one.protection for one in found} == set(live.values_list("pk", flat=True))
