"""What needs no database: periods, spreads, small cells, bars, files."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rempart.desk.rules.notice import Answer
from rempart.desk.statistics import charts, export, periods
from rempart.desk.statistics.actions import Action, Said, action_taken
from rempart.desk.statistics.figure import MERGED, Figure, Row, Unit, counted, merge_small, share, single, withhold_small
from rempart.desk.statistics.folding import fold
from rempart.desk.statistics.periods import Period, PeriodName, UnreadablePeriod
from rempart.desk.statistics.spread import spread

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31), "Europe/Paris")
# In Paris it is already the first of April.
LATE_EVENING = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        (PeriodName.THIS_MONTH, date(2026, 4, 1), date(2026, 4, 30)),
        (PeriodName.LAST_MONTH, date(2026, 3, 1), date(2026, 3, 31)),
        (PeriodName.THIS_QUARTER, date(2026, 4, 1), date(2026, 6, 30)),
        (PeriodName.THIS_YEAR, date(2026, 1, 1), date(2026, 12, 31)),
        (PeriodName.LAST_YEAR, date(2025, 1, 1), date(2025, 12, 31)),
    ],
)
def test_periods_follow_the_days_of_the_installation(name: PeriodName, first: date, last: date) -> None:
    found = periods.named(name, LATE_EVENING, "Europe/Paris")
    assert (found.first, found.last) == (first, last)


def test_a_period_holds_its_last_second_and_not_the_next() -> None:
    assert MARCH.ends_at.isoformat() == "2026-04-01T00:00:00+02:00"
    assert MARCH.holds(datetime(2026, 3, 31, 21, 59, 59, tzinfo=UTC))
    assert not MARCH.holds(datetime(2026, 3, 31, 22, tzinfo=UTC))
    assert len(periods.year(2026, "Europe/Paris").months()) == 12


@pytest.mark.parametrize(("first", "last"), [("2026-02-30", "2026-03-01"), ("2026-03-02", "2026-03-01"), ("", ""), ("x", "y")])
def test_unreadable_periods_are_refused(first: str, last: str) -> None:
    with pytest.raises(UnreadablePeriod):
        periods.custom(first, last, "Europe/Paris")


def test_median_and_percentile_are_delays_that_occurred() -> None:
    found = spread([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    assert (found.count, found.median, found.p90) == (10, 5, 9)
    assert (spread([7]).median, spread([7]).p90) == (7, 7)
    assert spread([]).median is None


@given(st.lists(st.floats(0, 1e6), min_size=1))
def test_a_spread_lies_within_what_was_measured(hours: list[float]) -> None:
    found = spread(hours)
    assert found.median is not None
    assert found.p90 is not None
    assert round(min(hours), 2) <= found.median <= found.p90 <= round(max(hours), 2)


def test_small_cells_are_merged_and_cannot_be_subtracted() -> None:
    rows = (Row("a", 20), Row("b", 9), Row("c", 3))
    # One small cell alone would be the total minus the others: the next smallest joins it.
    assert merge_small(rows) == (Row("a", 20), Row(MERGED, 12))
    assert merge_small((Row("a", 20), Row("b", 3), Row("c", 2))) == (Row("a", 20), Row(MERGED, 5))
    assert merge_small((Row("b", 1), Row("c", 2))) == (Row(MERGED, 0, is_withheld=True),)
    assert withhold_small((Row("all", 4, median=3.0),)) == (Row("all", 0, is_withheld=True),)
    assert withhold_small((Row("all", 0),)) == (Row("all", 0),)


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 30), max_size=8))
def test_no_shown_cell_is_small_and_nothing_is_lost(sizes: dict[str, int]) -> None:
    rows = tuple(Row(key, size) for key, size in sizes.items() if key != MERGED)
    merged = merge_small(rows)
    shown = [row for row in merged if not row.is_withheld]
    assert all(row.count >= 5 for row in shown)
    if len(shown) == len(merged):
        assert sum(row.count for row in merged) == sum(row.count for row in rows)
    kept, together = fold({key: [key] * size for key, size in sizes.items()})
    assert sum(map(len, kept.values())) + len(together) == sum(sizes.values())
    assert all(len(members) >= 5 for members in kept.values())
    assert not together or len(together) >= 5 or not kept


@pytest.mark.parametrize(
    ("answer", "statement", "expected"),
    [
        (Answer.REMOVED, {}, Action.REMOVED),
        (Answer.REMOVED, {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"]}, Action.DISABLED),
        (Answer.REMOVED, {"decision_visibility": "DECISION_VISIBILITY_CONTENT_AGE_RESTRICTED"}, Action.AGE_RESTRICTED),
        (Answer.REMOVED, {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_LABELLED"]}, Action.OTHER_RESTRICTION),
        (Answer.REMOVED, {"decision_account": "DECISION_ACCOUNT_SUSPENDED"}, Action.ACCOUNT_ACTION),
        (Answer.REFUSED, {"decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT"}, Action.REFUSED_AS_LAWFUL),
        (Answer.REFUSED, {"decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT"}, Action.REFUSED_BY_TERMS),
        (Answer.REFUSED, {"decision_visibility": ["DECISION_VISIBILITY_CONTENT_LABELLED"]}, Action.OTHER_RESTRICTION),
        (Answer.REFUSED, {}, Action.REFUSED_OTHERWISE),
        (Answer.NEED_MORE, {}, Action.ASKED_MORE),
        (Answer.WRONG_ADDRESS, {}, Action.WRONG_RECIPIENT),
    ],
)
def test_action_taken(answer: Answer, statement: dict[str, object], expected: Action) -> None:
    assert action_taken([Said(answer, statement)], is_gone=False) is expected


def test_action_without_a_deciding_reply_is_what_we_saw() -> None:
    assert action_taken([], is_gone=True) is Action.GONE_WITHOUT_REPLY
    assert action_taken([], is_gone=False) is Action.NO_REPLY
    assert action_taken([Said(Answer.NEED_MORE, {}), Said(Answer.REMOVED, {})], is_gone=False) is Action.REMOVED
    assert action_taken([Said(Answer.NEED_MORE, {})], is_gone=True) is Action.GONE_WITHOUT_REPLY


def test_bars_begin_at_nought_and_keep_proportion() -> None:
    chart = charts.bar_chart([charts.Mark("a", 10, "10"), charts.Mark("b", 5, "5"), charts.Mark("c", 0, "0")])
    assert chart is not None
    assert [bar.width for bar in chart.bars] == [384, 192, 0]
    assert charts.bar_chart([charts.Mark("a", 0, "0")]) is None


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@x", "\t=1", " =1", "\u00a0=1", "＝1"])
def test_a_spreadsheet_runs_nothing(text: str) -> None:
    assert export.safe_cell(text) == f"'{text}"


def test_numbers_and_words_are_left_alone() -> None:
    assert export.safe_cell(-2.5) == "-2.5"
    assert export.safe_cell("Hébergeur") == "Hébergeur"
    assert export.safe_cell(None) == ""


def test_csv_is_read_back_whole() -> None:
    figure = counted(
        "notices_by_recipient", Unit.NOTICES, MARCH, {"=cmd|' /C calc'!A0": 7, 'A "B"; C,\nD': 6}, "recipient", is_name=True
    )
    text = export.figures_csv([figure, single("red_duties", Unit.DUTIES, MARCH, 3).published()], lambda _, key: key)
    lines = list(csv.DictReader(io.StringIO(text.removeprefix(export.BYTE_ORDER_MARK), newline="")))
    assert [line["count"] for line in lines] == ["7", "6", "<5"]
    assert lines[0]["row"].startswith("'=cmd")
    assert lines[1]["row"] == 'A "B"; C,\nD'
    assert lines[0]["from"] == "2026-03-01"
    assert lines[0]["definition"]


def test_json_says_definition_unit_and_period_in_both_languages() -> None:
    text = export.figures_json([share("second_reading_agreement", MARCH, 9, 10)], association="</script>", made_at=LATE_EVENING)
    assert "</script>" not in text
    figure = json.loads(text)["figures"][0]
    assert figure["rows"] == [{"key": "all", "count": 10, "is_withheld": False, "percent": 90.0}]
    assert set(figure["definition"]) == {"fr", "en"}
    assert figure["definition"]["fr"] != figure["definition"]["en"]
    assert figure["unit"] == "percent"
    assert figure["period"]["time_zone"] == "Europe/Paris"


def test_nothing_measured_is_not_nought_percent() -> None:
    assert share("second_reading_agreement", MARCH, 0, 0).rows[0].value is None
    empty = Figure("reports_by_category", Unit.REPORTS, MARCH, (), "category")
    assert empty.total == 0
    assert empty.published().rows == ()
