"""What is counted, over several processes and over time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.matcher.policy import Because, Outcome
from rempart.matcher.web.counts import KINDS, LIMITS, SLOT_SECONDS, STATUSES, Counts, Totals, percentile
from rempart.matcher.web.health import ListStanding
from rempart.matcher.web.metrics import prometheus

LISTS = ("minors", "adult-lists")
NOW = 1_795_348_800.0
DAY = 86_400.0


@pytest.fixture
def counts(tmp_path: Path) -> Counts:
    return Counts(tmp_path, 0, LISTS)


def test_hits_of_all_workers_are_added_and_outlive_them(tmp_path: Path) -> None:
    for slot in (0, 1):
        counts = Counts(tmp_path, slot, LISTS)
        counts.hit("minors", Outcome.BLOCK, Because.RULE, NOW)
        counts.hit("adult-lists", Outcome.COUNT, Because.DRY_RUN, NOW)
        counts.hit("a list that is not in the settings", Outcome.BLOCK, Because.RULE, NOW)
        counts.close()
    again = Counts(tmp_path, 1, LISTS)
    again.hit("minors", Outcome.BLOCK, Because.RULE, NOW)
    totals = Totals(tmp_path, LISTS)
    assert set(totals.hits()) == {
        ("minors", Outcome.BLOCK, Because.RULE, 3),
        ("adult-lists", Outcome.COUNT, Because.DRY_RUN, 2),
    }
    assert totals.hits_by_slot("minors", NOW)[-1][Outcome.BLOCK] == 3


def test_a_file_of_other_lists_is_begun_anew(tmp_path: Path) -> None:
    counts = Counts(tmp_path, 0, LISTS)
    counts.questions(5)
    assert Totals(tmp_path, ("another",)).asked() == 0
    Counts(tmp_path, 0, ("another",))
    assert Totals(tmp_path, LISTS).asked() == 0


def test_a_day_passes(counts: Counts, tmp_path: Path) -> None:
    counts.hit("minors", Outcome.HOLD, Because.RULE, NOW - DAY)
    counts.hit("minors", Outcome.HOLD, Because.RULE, NOW - DAY + SLOT_SECONDS)
    counts.hit("minors", Outcome.HOLD, Because.RULE, NOW)
    held = [one[Outcome.HOLD] for one in Totals(tmp_path, LISTS).hits_by_slot("minors", NOW)]
    assert (held[0], held[-1], sum(held)) == (1, 1, 2)
    assert [count for *_, count in Totals(tmp_path, LISTS).hits()] == [3]


@given(seconds=st.lists(st.floats(0, 100), min_size=1, max_size=30), share=st.sampled_from([0.5, 0.99, 0.999]))
def test_a_percentile_is_at_most_a_quarter_too_long(
    seconds: list[float], share: float, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("counts")
    counts = Counts(folder, 0, LISTS)
    for one in seconds:
        counts.request("single", 200, one, NOW)
    found = percentile(Totals(folder, LISTS).lately("single", NOW), share)
    ordered = sorted(seconds)
    exact = next(one for place, one in enumerate(ordered, start=1) if place >= len(ordered) * share)
    assert found is not None
    assert exact <= found <= max(exact * 1.2501, LIMITS[0])
    counts.close()


def test_nothing_asked_has_no_percentile(counts: Counts, tmp_path: Path) -> None:
    assert percentile(Totals(tmp_path, LISTS).lately("upload", NOW), 0.5) is None


def test_prometheus_reads_it(counts: Counts, tmp_path: Path) -> None:
    for kind in KINDS:
        for status in (*STATUSES, 599):
            counts.request(kind, status, 0.004, NOW)
    counts.hit("minors", Outcome.BLOCK, Because.FLOOD, NOW)
    standing = ListStanding("minors", "rempart", "stale", 5, 9, "x", 12.5, "Something.")
    text = prometheus(Totals(tmp_path, LISTS), [standing, ListStanding("adult-lists", "file", "unread")]).decode()
    line = re.compile(r'[a-z_]+(\{([a-z]+="[a-zA-Z0-9_.+\-]*",?)*\})? [0-9.e+\-]+')
    names: dict[str, str] = {}
    for one in text.splitlines():
        if one.startswith("# TYPE "):
            _, _, name, kind = one.split(" ")
            names[name] = kind
        elif not one.startswith("# HELP "):
            assert line.fullmatch(one), one
            assert any(one.startswith(name) for name in names)
    assert 'rempart_matcher_requests_total{kind="single",status="500"} 2' in text
    assert 'rempart_matcher_hits_total{list="minors",outcome="block",because="flood"} 1' in text
    assert 'rempart_matcher_list_state{list="minors",state="stale"} 1' in text
    assert 'rempart_matcher_list_state{list="adult-lists",state="unread"} 1' in text
    assert 'rempart_matcher_list_in_trouble{list="minors"} 1' in text
    for kind in KINDS:
        buckets = [int(one) for one in re.findall(rf'seconds_bucket\{{kind="{kind}",le="[^"]+"\}} (\d+)', text)]
        assert buckets == sorted(buckets)
        assert buckets[-1] == len(STATUSES) + 1
