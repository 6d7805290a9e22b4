"""``rempart desk replay-year``: a year of a national hotline through the real steps, on invented data, with a simulated clock."""

import argparse
import logging
import sys
from collections.abc import Sequence
from time import perf_counter

from rempart.desk.rehearsal import replay_place, replay_shown


def main(argv: Sequence[str] | None = None) -> int:
    """Replay; 0 when every invariant holds, 1 otherwise."""
    asked = _read(argv)
    logging.getLogger("rempart").setLevel(logging.WARNING)
    with replay_place.throw_away(asked.database, keep=asked.keep) as folder:
        # Only now are there settings, and so models.
        from rempart.desk.rehearsal.replay_chain import Plan, Replay
        from rempart.desk.rehearsal.replay_checks import all_checks

        plan = Plan(reports=asked.reports, seed=asked.seed, days=asked.days)
        with replay_shown.progress(plan.reports, is_quiet=asked.json) as told:
            replay = Replay(plan, told)
            began = perf_counter()
            replay.run()
            seconds = perf_counter() - began
        checks = all_checks(replay)
        found = replay_shown.measures(replay, checks, seconds)
        if asked.json:
            sys.stdout.write(replay_shown.as_json(found) + "\n")
        else:
            replay_shown.show(replay, checks, found)
        if asked.keep:
            sys.stderr.write(f"Kept in {folder}\n")
    return 1 if any(check.broken for check in checks) else 0


def _read(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="rempart desk replay-year",
        description="Replay a whole year of a national hotline through the real steps, in a database of its own.",
    )
    parser.add_argument("--reports", type=int, default=42_713, help="how many reports (default: 42713, the year 2024)")
    parser.add_argument("--days", type=int, default=365, help="over how many days they arrive (default: 365)")
    parser.add_argument(
        "--database", default="sqlite", type=_database, help="sqlite, or postgresql://… of a server that may make databases"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--seed", type=int, default=22, help="another number, another year")
    parser.add_argument("--keep", action="store_true", help="leave the database where it is, to look at it")
    asked = parser.parse_args(argv)
    if asked.reports < 1 or asked.days < 1:
        parser.error("at least one report and one day")
    return asked


def _database(text: str) -> str:
    if text == "sqlite":
        return ""
    if text.startswith(("postgresql://", "postgres://")):
        return text
    raise argparse.ArgumentTypeError("say sqlite or postgresql://…")
