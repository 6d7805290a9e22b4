"""Looking at many addresses at once, politely: a few at a time, one host not twice in a row. No row is touched here."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from urllib.parse import urlsplit

from rempart.desk.outlets.look import Looked, Spacing
from rempart.desk.stages.followup.steps import Probed
from rempart.desk.stages.followup.watching import Due

Eyes = Callable[[str], Looked]
"""Looks at one URL; must never raise."""

AT_ONCE = 8
"""Looks under way at the same time in one worker."""


def take_turns(due: Sequence[Due], spacing: Spacing, *, now: datetime) -> tuple[list[Due], list[tuple[int, datetime]]]:
    """Those to look at now, and those to put back until their host may be called again."""
    turns = spacing.turns([_host(one) for one in due], now=now)
    now_due = [one for one, turn in zip(due, turns, strict=True) if turn <= now]
    later = [(one.watch_id, turn) for one, turn in zip(due, turns, strict=True) if turn > now]
    return now_due, later


def look_at_all(due: Sequence[Due], eyes: Eyes, at_once: int = AT_ONCE) -> list[Probed]:
    """Look at each of these, a few at a time."""
    if len(due) < 2 or at_once == 1:
        return [_probed(one, eyes(one.url)) for one in due]
    with ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="look") as pool:
        return [_probed(one, looked) for one, looked in zip(due, pool.map(eyes, [one.url for one in due]), strict=True)]


def _probed(due: Due, looked: Looked) -> Probed:
    return Probed(due.watch_id, looked.seen, looked.status, looked.trouble)


def _host(due: Due) -> str:
    """What is not a web address is called by nobody, so it waits for nobody."""
    try:
        return urlsplit(due.url).hostname or f"watch:{due.watch_id}"
    except ValueError:
        return f"watch:{due.watch_id}"
