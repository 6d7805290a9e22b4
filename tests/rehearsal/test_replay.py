"""A few days of the replayed year, over the database of the tests: every invariant holds, and a broken one is seen."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from rempart.desk.outlets.interface import Letter
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.journal.models import Entry
from rempart.desk.rehearsal import replay
from rempart.desk.rehearsal.replay_chain import ROUND, START, Plan, Replay, rounds
from rempart.desk.rehearsal.replay_checks import all_checks
from rempart.desk.rehearsal.replay_people import Reading
from rempart.desk.rehearsal.replay_world import HOSTS, Draw, World
from rempart.desk.rehearsal.replay_year import NATIONAL_YEAR, Year
from rempart.desk.rules.classification import problems as grading_problems
from rempart.desk.rules.locator import read_locators
from rempart.desk.rules.notice import Seen, Tempo
from rempart.desk.rules.trust import Trust
from rempart.desk.stages.action.models import Notice
from rempart.desk.stages.intake.models import Report


def test_the_year_has_exactly_the_reports_asked_for_in_order() -> None:
    found = [arrival.at for arrival in Year(START, 365, 2_000, 1).arrivals()]
    assert len(found) == 2_000
    assert found == sorted(found)
    assert START <= found[0] < START + timedelta(days=1) < found[-1] < START + timedelta(days=365)


def test_the_same_seed_makes_the_same_year_and_another_one_another() -> None:
    one, same, other = (list(Year(START, 30, 200, seed).arrivals()) for seed in (1, 1, 2))
    assert one == same != other


def test_the_mix_is_the_published_one() -> None:
    arrivals = list(Year(START, 365, 6_000, 3).arrivals())
    categories = Counter(arrival.details.category for arrival in arrivals)
    under_suspicion = sum(
        categories[name]
        for name in ("child_abuse_images", "sexual_blackmail", "grooming", "exploitation_advert", "intimate_image_shared")
    )
    # Published: about 38,000 of 42,000 reports.
    assert under_suspicion / len(arrivals) == pytest.approx(38 / 42, abs=0.03)
    verdicts = Counter(Reading.truth(3, f"https://host.example/p/{number}").value for number in range(6_000))
    assert (verdicts["illegal_in_field"] + verdicts["illegal_outside_field"]) / 6_000 == pytest.approx(0.57, abs=0.02)


def test_what_people_type_is_read_as_the_address_it_is() -> None:
    for arrival in list(Year(START, 5, 300, 4).arrivals()):
        if not arrival.has_no_link:
            assert len(read_locators(arrival.text)) >= 1, arrival.text


def test_gradings_contradict_nothing() -> None:
    assert not [grading for grading in Reading.gradings() if grading_problems(grading)]


def test_every_round_is_looked_at_and_an_alarm_rings_in_between() -> None:
    found = list(rounds(Year(START, 20, 3_000, 5)))
    turns = [now for now, _arrived, is_alarm in found if not is_alarm]
    assert [turn - START for turn in turns] == [ROUND * place for place in range(1, 20 * 12 + 1)]
    alarms = [(now, arrived) for now, arrived, is_alarm in found if is_alarm]
    assert alarms
    assert all(arrived[-1].at + timedelta(minutes=5) == now for now, arrived in alarms)
    assert sum(len(arrived) for _now, arrived, _alarm in found) == 3_000


def test_a_host_reads_its_mail_and_acts() -> None:
    world = World(1, START)
    url = next(
        f"https://{HOSTS[0].domain}/p/{number}"
        for number in range(1_000)
        if not world._is_gone_before(f"https://{HOSTS[0].domain}/p/{number}")
        and Draw.of(1, f"https://{HOSTS[0].domain}/p/{number}").part(10) < 0.8
    )
    assert world.eyes(url).seen is Seen.ONLINE
    letter = Letter(
        "notices@x.example", "s", f"1. {url}\nhttp://desk/answer/token/", "<1@x>", "en", (), {"X-Rempart-Reference": "R-2"}
    )
    world.send(letter)
    world.now += timedelta(days=3)
    assert world.eyes(url).seen is Seen.MISSING
    world.send(letter)
    assert world.notices == {"R-2": 2}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_few_days_keep_every_invariant(settings) -> None:  # type: ignore[no-untyped-def]
    settings.REMPART_TEMPO = Tempo()
    done = Replay(Plan(reports=150, days=2, seed=7))
    done.run()
    assert {check.name: check.broken for check in all_checks(done) if check.broken} == {}
    assert Report.objects.filter(kind="report").count() == done.door.received >= 150
    # And the checks are not blind.
    Report.objects.filter(pk=Report.objects.earliest("pk").pk).update(answered_at=None)
    notice = Notice.objects.filter(sent_at__isnull=False).first()
    assert notice is not None
    Notice.objects.filter(pk=notice.pk).update(sent_at=None)
    done.world.notices["R-N-x"] = 2
    assert Protection.objects.exists()
    Protection.objects.filter(pk=Protection.objects.earliest("pk").pk).update(trust=Trust.DISPUTED)
    broken = {check.name for check in all_checks(done) if check.broken}
    assert {"every_report_answered", "counts_equal_both_ways", "no_notice_sent_twice", "every_protection_whole"} <= broken
    assert Entry.objects.filter(verb="assessed").exists()


def test_national_year_is_the_default() -> None:
    assert replay._read([]).reports == NATIONAL_YEAR == 42_713
    with pytest.raises(SystemExit):
        replay._read(["--database", "mysql://x"])
