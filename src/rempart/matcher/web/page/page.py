"""The page, put together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path

from rempart.matcher.policy import Outcome
from rempart.matcher.settings import Settings
from rempart.matcher.web.counts import KINDS, SLOT_SECONDS, SLOTS, Totals, percentile
from rempart.matcher.web.exchange import Reply, Request
from rempart.matcher.web.health import Health, ListStanding
from rempart.matcher.web.page.drawing import STACKED, drawing
from rempart.matcher.web.page.words import Words, chosen

HTML = b"text/html; charset=utf-8"
CSS = b"text/css; charset=utf-8"
HEADERS = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"vary", b"accept-language"),
)
MOST_TROUBLE = 300
HOURS = SLOTS * SLOT_SECONDS // 3_600


class StatusPage:
    """Made anew each time it is asked for: it is small, and nobody asks often."""

    def __init__(self, settings: Settings, health: Health, totals: Callable[[], Totals], now: Callable[[], datetime]) -> None:
        self._settings, self._health, self._totals, self._now = settings, health, totals, now
        self._style = Path(__file__).with_name("status.css").read_bytes()

    async def show(self, request: Request) -> Reply:
        """In the language of the address (``?lang=fr``) or of the browser."""
        words = chosen(request.query().get("lang", ""), request.header(b"accept-language"))
        now, totals, standings = self._now(), self._totals(), self._health.standings()
        parts = [
            *_top(words, now, standings, is_dry_run=self._settings.is_dry_run),
            *_lists(words, standings),
            *_answers(words, totals, now),
            *_hits(words, totals, now, standings),
            f"<footer><p>{escape(words.foot)}</p></footer>",
        ]
        return Reply(_whole(words, "\n".join(parts)).encode(), kind=HTML, headers=HEADERS)

    async def style(self, request: Request) -> Reply:
        """Its look."""
        return Reply(self._style, kind=CSS)


def _whole(words: Words, content: str) -> str:
    return (
        f'<!doctype html>\n<html lang="{words.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n'
        f'<title>{escape(words.title)}</title>\n<link rel="stylesheet" href="status.css">\n'
        f"</head>\n<body>\n{content}\n</body>\n</html>\n"
    )


def _top(words: Words, now: datetime, standings: Sequence[ListStanding], *, is_dry_run: bool) -> Iterator[str]:
    wrong = [f"{one.name} ({words.states[one.state]})" for one in standings if one.state != "ready"]
    said = words.not_ready.format(", ".join(wrong)) if wrong else words.all_ready
    yield (
        f'<header><a class="other" lang="{words.other}" hreflang="{words.other}" href="?lang={words.other}">'
        f"{words.other_name}</a><h1>{escape(words.title)}</h1><p>{escape(words.intro)}</p>"
        f'<p class="standing {"care" if wrong else "good"}">{escape(said)}</p>'
    )
    if is_dry_run:
        yield f'<p class="standing care">{escape(words.dry_run)}</p>'
    yield f'<p class="soft">{escape(words.moment(now))}</p></header><main>'


def _lists(words: Words, standings: Sequence[ListStanding]) -> Iterator[str]:
    heads = (words.list_name, words.state, words.entries, words.fingerprints, words.version, words.heard, words.trouble)
    rows = [
        (
            f"{one.name} · {one.shape}" if one.shape else one.name,
            words.states[one.state],
            words.number(one.entries),
            words.number(one.fingerprints),
            one.checkpoint or words.none,
            words.since(one.age),
            (one.trouble or words.none)[:MOST_TROUBLE],
        )
        for one in standings
    ]
    yield f"<section><h2>{escape(words.lists)}</h2>"
    yield _table(words.lists, heads, rows, numbers={2, 3})
    yield "</section>"


def _answers(words: Words, totals: Totals, now: datetime) -> Iterator[str]:
    heads = (words.kind, words.requests, words.half, words.most, words.slowest)
    rows = []
    for kind in KINDS:
        buckets = totals.lately(kind, now.timestamp())
        shares = (percentile(buckets, share) for share in (0.5, 0.99, 0.999))
        rows.append((words.kinds[kind], words.number(sum(buckets)), *(words.ms(one) for one in shares)))
    yield f"<section><h2>{escape(words.answers)}</h2>"
    yield _table(words.answers, heads, rows, numbers={1, 2, 3, 4})
    yield f'<p class="soft">{escape(words.answers_note)}</p></section>'


def _hits(words: Words, totals: Totals, now: datetime, standings: Sequence[ListStanding]) -> Iterator[str]:
    yield f'<section><h2>{escape(words.hits)}</h2><p class="soft">{escape(words.hits_note)}</p>'
    marks = "".join(f'<li><span class="mark {one}"></span>{escape(words.outcomes[one])}</li>' for one in STACKED)
    yield f'<ul class="legend">{marks}</ul>'
    for one in standings:
        hours = _by_hour(totals, one.name, now)
        yield f"<h3>{escape(one.name)}</h3>"
        if not any(any(counts.values()) for _, counts in hours):
            yield f"<p>{escape(words.no_hits)}</p>"
            continue
        yield drawing(one.name, [(f"{hour:%H}", counts) for hour, counts in hours], words)
        rows = [
            (
                f"{hour:%d/%m %H:00}" if words.language == "fr" else f"{hour:%d %b %H:00}",
                *(words.number(counts[o]) for o in STACKED),
            )
            for hour, counts in hours
            if any(counts.values())
        ]
        title = words.table_of.format(one.name)
        heads = (words.hour, *(words.outcomes[outcome] for outcome in STACKED))
        yield f"<details><summary>{escape(title)}</summary>{_table(title, heads, rows, numbers={1, 2, 3, 4})}</details>"
    yield "</section></main>"


def _by_hour(totals: Totals, name: str, now: datetime) -> list[tuple[datetime, dict[Outcome, int]]]:
    """The last 24 hours, begun at full hours; the last one is not over."""
    last = int(now.timestamp() // 3_600)
    hours = {number: dict.fromkeys(Outcome, 0) for number in range(last - HOURS + 1, last + 1)}
    first = int(now.timestamp() // SLOT_SECONDS) - SLOTS + 1
    for place, counts in enumerate(totals.hits_by_slot(name, now.timestamp())):
        hour = hours.get((first + place) * SLOT_SECONDS // 3_600, {})
        for outcome in hour:
            hour[outcome] += counts[outcome]
    return [(datetime.fromtimestamp(number * 3_600, UTC), counts) for number, counts in hours.items()]


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: set[int]) -> str:
    """It scrolls by itself where the window is narrow, and can be reached by the keyboard for that."""

    def cell(place: int, text: str) -> str:
        if place == 0:
            return f'<th scope="row">{escape(text)}</th>'
        return f'<td class="number">{escape(text)}</td>' if place in numbers else f"<td>{escape(text)}</td>"

    top = "".join(
        f'<th scope="col" class="number">{escape(one)}</th>' if place in numbers else f'<th scope="col">{escape(one)}</th>'
        for place, one in enumerate(heads)
    )
    body = "".join(f"<tr>{''.join(cell(place, text) for place, text in enumerate(row))}</tr>" for row in rows)
    return (
        f'<div class="scrolls" role="region" tabindex="0" aria-label="{escape(title)}">'
        f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )
