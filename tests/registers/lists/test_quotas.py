"""Quotas: counted by minute and by day, the same for every process, and forgotten."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from rempart.desk.project import worker
from rempart.desk.registers.lists.clients import take_call, take_questions
from rempart.desk.registers.lists.models import ListClient, Usage
from rempart.desk.registers.lists.quotas import sweep
from tests.registers.lists import made
from tests.registers.lists.made import NOW

MINUTE = NOW.replace(second=0, microsecond=0)


@pytest.mark.django_db
def test_calls_begin_again_each_minute() -> None:
    client, _ = made.client(calls_per_minute=100)
    at = MINUTE + timedelta(seconds=13.5)
    assert [take_call(client, at) for _ in range(100)] == [None] * 100
    assert take_call(client, at) == 47
    assert take_call(client, MINUTE + timedelta(seconds=59.999)) == 1
    assert take_call(client, MINUTE + timedelta(seconds=60)) is None
    other, _ = made.client("Vidéa")
    assert take_call(other, at) is None


@pytest.mark.django_db
def test_questions_are_taken_all_or_none() -> None:
    client, _ = made.client(questions_per_day=1000)
    noon = NOW.replace(hour=12, minute=0, second=0, microsecond=0)
    assert take_questions(client, 0, noon) is None
    assert not Usage.objects.exists()
    assert take_questions(client, 999, noon) is None
    assert take_questions(client, 2, noon) == 12 * 3600
    assert take_questions(client, 1, noon) is None
    assert take_questions(client, 1, noon) == 12 * 3600
    assert take_questions(client, 1001, noon + timedelta(days=1)) is not None
    assert take_questions(client, 1000, noon + timedelta(hours=12)) is None


@pytest.mark.django_db
def test_none_at_all() -> None:
    client, _ = made.client(questions_per_day=0)
    assert take_questions(client, 1, NOW) is not None
    assert not Usage.objects.exists()


@pytest.mark.django_db
def test_old_counts_are_swept() -> None:
    client, _ = made.client()
    for days in (0, 2, 32):
        take_call(client, NOW - timedelta(days=days))
        take_questions(client, 5, NOW - timedelta(days=days))
    assert sweep(now=NOW - timedelta(days=32)) == 0
    worker.clean(NOW)
    assert sorted(Usage.objects.values_list("counted", "count")) == [("calls", 1), ("questions", 5), ("questions", 5)]
    worker.clean(NOW + timedelta(days=40))
    assert not Usage.objects.exists()


class NeverMore(TestCase):
    """Whatever is asked in whatever order, what is granted never passes the quota, and what fits is granted."""

    @given(st.integers(0, 50), st.lists(st.integers(0, 30), max_size=12))
    def test(self, most: int, wanted: list[int]) -> None:
        client, _ = made.client(questions_per_day=most)
        left = most
        for n in wanted:
            is_granted = take_questions(client, n, NOW) is None
            assert is_granted == (n <= left)
            left -= n if is_granted else 0
        ListClient.objects.all().delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_many_at_one_moment() -> None:
    client, _ = made.client(calls_per_minute=100)
    granted: list[bool] = []

    def hammer() -> None:
        try:
            for _ in range(20):
                granted.append(take_call(client, MINUTE) is None)
        finally:
            connection.close()

    threads = [threading.Thread(target=hammer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 160
    assert sum(granted) == 100
