"""Every shape, over HTTP, from a double: after a whole reading the shelf holds exactly what stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rempart.matcher.shelf.asking import Shelf
from rempart.matcher.subscribe.doubles.server import Double, Fault
from rempart.matcher.subscribe.doubles.shapes import NcmecShape
from tests.matcher.subscribe.owners import ALL, Clock, held, owner, read, remember

pytestmark = pytest.mark.slow

Owner = tuple[str, Double, Clock]


@pytest.fixture(params=ALL)
def owned(request: pytest.FixtureRequest) -> Iterator[Owner]:
    with owner(request.param) as (double, clock):
        yield request.param, double, clock


def agree(owned: Owner, folder: Path) -> None:
    name, double, _ = owned
    remember(folder, double.shape.garden)
    assert held(name, folder) == double.shape.standing()


def test_a_list_of_several_pages_and_what_changes_afterwards(owned: Owner, tmp_path: Path) -> None:
    name, double, clock = owned
    garden = double.shape.garden
    garden.add(7, parts=2)
    assert read(name, double, tmp_path, clock)
    agree(owned, tmp_path)
    clock.wait(3_600)
    garden.withdraw(2)
    garden.change(3, parts=1)
    garden.add()
    found = read(name, double, tmp_path, clock)
    assert found is not None
    assert found.trouble is None
    agree(owned, tmp_path)
    clock.wait(3_600)
    garden.change(2, parts=3)
    read(name, double, tmp_path, clock)
    agree(owned, tmp_path)


def test_nothing_new_costs_one_call(owned: Owner, tmp_path: Path) -> None:
    name, double, clock = owned
    for _ in range(7):
        clock.wait(1)
        double.shape.garden.add()
    read(name, double, tmp_path, clock)
    for days in (1, 60, 1):  # a quiet list is not read anew, however old its last change is
        clock.wait(days * 86_400 / 3)
        read(name, double, tmp_path, clock)
        double.asked.clear()
        read(name, double, tmp_path, clock)
        assert len(double.asked) == 1
    agree(owned, tmp_path)


@pytest.mark.parametrize("pages", [1, 3])
def test_killed_between_two_pages_it_goes_on_where_it_stopped(owned: Owner, tmp_path: Path, pages: int) -> None:
    name, double, clock = owned
    double.shape.garden.add(12)
    clock.wait(10)
    double.shape.garden.add(6)
    read(name, double, tmp_path, clock, pages=pages)
    double.asked.clear()
    read(name, double, tmp_path, clock)
    agree(owned, tmp_path)
    first = double.asked[0].fields
    if name.startswith("stopncii"):  # by time
        assert int(first["startTimestamp"]) > 10
    else:
        assert "after" in first or "link" in first


@pytest.mark.parametrize("fault", [one for one in Fault if one is not Fault.SLOW])
def test_trouble_midway_costs_nothing_that_was_read(owned: Owner, tmp_path: Path, fault: Fault) -> None:
    name, double, clock = owned
    double.shape.garden.add(9)
    double.faults = [None, None, fault]
    found = read(name, double, tmp_path, clock)
    assert found is not None
    assert found.trouble
    assert found.taken.written == 6
    assert Shelf(tmp_path).state().entries == 6
    clock.wait(86_400)
    found = read(name, double, tmp_path, clock)
    assert found is not None
    assert found.trouble is None
    agree(owned, tmp_path)


def test_an_owner_who_asks_to_wait_is_obeyed(owned: Owner, tmp_path: Path) -> None:
    name, double, clock = owned
    double.faults, double.wait_seconds = [Fault.BUSY], 10**9
    found = read(name, double, tmp_path, clock)
    assert found is not None
    assert found.trouble == "The list's owner asks us to wait."


def test_an_owner_put_back_from_a_backup(tmp_path: Path) -> None:
    with owner("rempart") as (double, clock):
        garden = double.shape.garden
        garden.add(5)
        position = garden.head
        clock.wait(60)
        garden.add(5)
        read("rempart", double, tmp_path, clock)
        remember(tmp_path, garden)
        garden.restore(position)
        garden.withdraw(1)
        found = read("rempart", double, tmp_path, clock)
        assert found is not None
        assert found.trouble is None
        assert held("rempart", tmp_path) == double.shape.standing()
        assert Shelf(tmp_path).state().entries == 4


def test_a_page_link_that_grew_too_old(tmp_path: Path) -> None:
    with owner("ncmec") as (double, clock):
        double.shape.garden.add(12)
        read("ncmec", double, tmp_path, clock, pages=2)
        assert isinstance(double.shape, NcmecShape)
        double.shape.forget_links()
        double.shape.garden.withdraw(1)
        clock.wait(86_400)
        found = read("ncmec", double, tmp_path, clock)
        assert found is not None
        assert found.trouble is None
        agree(("ncmec", double, clock), tmp_path)


def test_an_owner_who_fails_midway_does_not_cost_the_pages_before(tmp_path: Path) -> None:
    with owner("ncmec") as (double, clock):
        double.shape.garden.add(12)
        read("ncmec", double, tmp_path, clock, pages=2)
        double.faults = [Fault.BROKEN]
        read("ncmec", double, tmp_path, clock)
        assert json.loads(Shelf(tmp_path).state().checkpoint or "")[2] is not None, "still the page that comes next"


def test_after_thirty_days_without_us_a_list_is_read_anew(tmp_path: Path) -> None:
    with owner("stopncii") as (double, clock):
        garden = double.shape.garden
        garden.add(6)
        read("stopncii", double, tmp_path, clock)
        garden.withdraw(1)
        clock.wait(timedelta(days=31).total_seconds())
        read("stopncii", double, tmp_path, clock)
        agree(("stopncii", double, clock), tmp_path)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("live"), st.integers(1, 9)),
        st.tuples(st.just("wait"), st.integers(1, 40_000)),
        st.tuples(st.just("read"), st.just(0)),
        st.tuples(st.just("cut"), st.integers(1, 4)),
        st.tuples(st.just("fault"), st.integers(0, len(Fault) - 2)),
    ),
    max_size=14,
)


@pytest.mark.parametrize("name", ALL)
@settings(
    max_examples=40, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=STEPS, seed=st.integers(0, 99))
def test_whatever_happens_a_whole_reading_leaves_exactly_what_stands(
    tmp_path_factory: pytest.TempPathFactory, name: str, steps: list[tuple[str, int]], seed: int
) -> None:
    folder = tmp_path_factory.mktemp("list")
    with owner(name, seed=seed) as (double, clock):
        for step, count in steps:
            if step == "live":
                for _ in range(count):
                    double.shape.garden.live()
            elif step == "wait":
                clock.wait(count)
            elif step == "cut":
                read(name, double, folder, clock, pages=count)
            else:
                double.faults = [None, [one for one in Fault if one is not Fault.SLOW][count]] if step == "fault" else []
                read(name, double, folder, clock)
        double.faults = []
        clock.wait(86_400)
        found = read(name, double, folder, clock)
        assert found is not None
        assert found.trouble is None
        agree((name, double, clock), folder)
