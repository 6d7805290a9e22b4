"""The counts as Prometheus reads them (text format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rempart.matcher.web.counts import BUCKETS, KINDS, LIMITS, Totals
from rempart.matcher.web.health import ListStanding

TEXT = b"text/plain; version=0.0.4; charset=utf-8"
SHOWN_BUCKETS = range(0, BUCKETS - 1, 4)
"""One of four is enough for a drawing; each is a time series."""
STATES = ("ready", "stale", "unread")


def prometheus(totals: Totals, standings: Sequence[ListStanding]) -> bytes:
    """All metrics; labels are the names of lists and words of ours."""
    return "\n".join([*_counted(totals), *_durations(totals), *_lists(standings), ""]).encode()


def _counted(totals: Totals) -> Iterator[str]:
    yield from _told("rempart_matcher_requests_total", "counter", "Requests answered, by kind and status.")
    yield from (
        f'rempart_matcher_requests_total{{kind="{kind}",status="{status}"}} {count}' for kind, status, count in totals.requests()
    )
    yield from _told("rempart_matcher_questions_total", "counter", "Uploads and fingerprints asked.")
    yield f"rempart_matcher_questions_total {totals.asked()}"
    yield from _told("rempart_matcher_hits_total", "counter", "Entries met, by list, outcome, and why it was not harder.")
    yield from (
        f'rempart_matcher_hits_total{{list="{name}",outcome="{outcome}",because="{because}"}} {count}'
        for name, outcome, because, count in totals.hits()
    )


def _durations(totals: Totals) -> Iterator[str]:
    name = "rempart_matcher_request_seconds"
    yield from _told(name, "histogram", "From the head of a request to its answer.")
    for kind in KINDS:
        buckets, seconds = totals.durations(kind)
        for limit in SHOWN_BUCKETS:
            yield f'{name}_bucket{{kind="{kind}",le="{LIMITS[limit]:.6g}"}} {sum(buckets[: limit + 1])}'
        yield f'{name}_bucket{{kind="{kind}",le="+Inf"}} {sum(buckets)}'
        yield f'{name}_sum{{kind="{kind}"}} {seconds:.6f}'
        yield f'{name}_count{{kind="{kind}"}} {sum(buckets)}'


def _lists(standings: Sequence[ListStanding]) -> Iterator[str]:
    yield from _gauge("entries", "Entries of each list.", ((one.name, one.entries) for one in standings))
    yield from _gauge("fingerprints", "Fingerprints of each list.", ((one.name, one.fingerprints) for one in standings))
    ages = ((one.name, round(one.age, 3)) for one in standings if one.age is not None)
    yield from _gauge("age_seconds", "Since the list's owner last had nothing newer.", ages)
    troubles = ((one.name, int(one.trouble is not None)) for one in standings)
    yield from _gauge("in_trouble", "1 where the last reading failed.", troubles)
    name = "rempart_matcher_list_state"
    yield from _told(name, "gauge", "1 for the state that each list is in.")
    for one in standings:
        yield from (f'{name}{{list="{one.name}",state="{state}"}} {int(one.state == state)}' for state in STATES)


def _gauge(name: str, words: str, values: Iterable[tuple[str, float]]) -> Iterator[str]:
    yield from _told(f"rempart_matcher_list_{name}", "gauge", words)
    yield from (f'rempart_matcher_list_{name}{{list="{of}"}} {value}' for of, value in values)


def _told(name: str, kind: str, words: str) -> tuple[str, str]:
    return f"# HELP {name} {words}", f"# TYPE {name} {kind}"
