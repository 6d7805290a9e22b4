"""Every figure of the desk for one period, in the order in which they are read."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rempart.desk.statistics import acts, arrivals, decisions, delays, protected, standing
from rempart.desk.statistics.figure import Figure
from rempart.desk.statistics.periods import Period


class Chapter(StrEnum):
    """The parts of the figures page."""

    ARRIVED = "arrived"
    DECIDED = "decided"
    DONE = "done"
    DELAYS = "delays"
    PROTECTED = "protected"
    PRECISION = "precision"
    STANDING = "standing"


@dataclass(frozen=True, slots=True)
class Part:
    """One chapter and its figures."""

    chapter: Chapter
    figures: tuple[Figure, ...]


_MAKERS = {
    Chapter.ARRIVED: (
        arrivals.reports_received,
        arrivals.items_received,
        arrivals.addresses_reported,
        arrivals.addresses_new,
        arrivals.reports_by_month,
        arrivals.reports_by_category,
        arrivals.reports_by_source,
        arrivals.relapses_and_objections,
    ),
    Chapter.DECIDED: (
        decisions.items_by_verdict,
        decisions.items_by_content,
        decisions.addresses_by_verdict,
        decisions.items_by_closing,
    ),
    Chapter.DONE: (
        acts.notices_by_recipient,
        acts.addresses_by_recipient,
        acts.duties_by_kind,
        arrivals.reports_answered,
    ),
    Chapter.DELAYS: (
        delays.delay_to_decision,
        delays.delay_to_notice,
        delays.delay_to_reply,
        delays.delay_to_removal,
        delays.delay_to_removal_by_recipient,
        delays.delay_to_answer,
    ),
    Chapter.PROTECTED: (
        protected.protections_declared,
        protected.delay_to_first_match,
        protected.protections_disputed,
        protected.protections_overturned,
        protected.protections_by_month,
        protected.protections_by_age,
        protected.protections_by_kind,
        protected.doubts_and_confirmations,
        protected.protections_ended,
        protected.matches_told,
    ),
    Chapter.PRECISION: (
        decisions.second_reading_agreement,
        acts.refused_notices,
        decisions.overturned_decisions,
    ),
}


def all_parts(period: Period, *, now: datetime) -> tuple[Part, ...]:
    """Every figure, by chapter. ``now`` is for those that say where things stand."""
    parts = [Part(chapter, tuple(make(period) for make in makers)) for chapter, makers in _MAKERS.items()]
    now_figures = (
        standing.open_items(period),
        standing.late_items(period, now),
        standing.red_duties(period),
        protected.protections_standing(period),
    )
    return (*parts, Part(Chapter.STANDING, now_figures))


def all_figures(period: Period, *, now: datetime) -> tuple[Figure, ...]:
    """Every figure, one after the other."""
    return tuple(figure for part in all_parts(period, now=now) for figure in part.figures)
