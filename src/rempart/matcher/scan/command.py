"""``rempart matcher scan``: what a platform stores already, compared with its lists; on all cores, or on a cluster."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rempart.engine import USUAL_RADIUS, WIDEST_RADIUS
from rempart.engine.commands.finding import printable, reason
from rempart.engine.commands.workers import usual_jobs
from rempart.matcher.scan.asking import Asked, CannotAsk
from rempart.matcher.scan.cluster import Cluster, ClusterRefused
from rempart.matcher.scan.lists import of_file, of_folder, of_settings
from rempart.matcher.scan.manifests import ManifestRefused
from rempart.matcher.scan.reports import Form, ReportRefused, form_of
from rempart.matcher.scan.running import Job, ScanRefused, folder_of, run, so_far
from rempart.matcher.scan.seeing import Sight
from rempart.matcher.scan.sources import Sources
from rempart.matcher.scan.telling import Bar, show, tell
from rempart.matcher.scan.working import Processes, Workers
from rempart.matcher.settings import SettingsError, read_settings

DESCRIPTION = """\
Compare what is stored already with the lists that the matcher keeps. Nothing is changed, moved or told to anybody: the
report says what would be done.

A PATH is a file, a folder (with all that is in it), or - for names on standard input, one a line. Pictures, videos and
archives (zip, tar, gz, bz2, xz, also one in another) are told by their content; their names do not count."""
ENDING = """\
A scan that is stopped in whatever way goes on with --resume, and ends with the same report. The report says which of your
files are on a list: it is made readable by you alone.

Exit code: 0 when every file was compared, 1 when one could not be (the report names it) or nothing could be done,
130 after Ctrl-C."""
STOPPED = 130
USUAL_FILE = "matcher.toml"
REFUSALS = (ScanRefused, ReportRefused, ManifestRefused, CannotAsk, ClusterRefused, SettingsError)


def main(words: Sequence[str]) -> int:
    """Scan what the words name. Returns the exit code."""
    asked = parser().parse_args(list(words))
    _check(asked)
    try:
        with ExitStack() as stack:
            return _scan(asked, stack)
    except BrokenPipeError:  # whoever read our lines has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except REFUSALS as refused:
        sys.stderr.write(f"{printable(str(refused))}\n")
    except OSError as refused:
        name = refused.filename if isinstance(refused.filename, str) else ""
        sys.stderr.write(f"{printable(name)}: {reason(refused)}\n")
    except KeyboardInterrupt:
        sys.stderr.write(_farewell(asked, list(words)))
        return STOPPED
    return 1


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    made = argparse.ArgumentParser(
        prog="rempart matcher scan",
        description=DESCRIPTION,
        epilog=ENDING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    add("paths", nargs="*", metavar="PATH", help="a file, a folder, or - for names on standard input")
    add("-m", "--manifest", action="append", default=[], metavar="FILE", help=_MANIFEST)
    add("--root", default="", metavar="FOLDER", help="what names in manifests are relative to (usual: this folder)")
    add("-0", "--null", action="store_true", help="names on standard input end with NUL, as `find -print0` writes them")
    lists = made.add_argument_group("which lists").add_mutually_exclusive_group()
    lists.add_argument(
        "--settings", type=Path, metavar="FILE", help=f"those of the matcher's settings (usual: {USUAL_FILE} here)"
    )
    lists.add_argument("--folder", type=Path, metavar="FOLDER", help="those that a matcher keeps in this folder")
    lists.add_argument("--list", type=Path, metavar="FILE", help="one list in a file, or an index of `rempart index`")
    look = made.add_argument_group("how closely")
    look.add_argument("--views", action=argparse.BooleanOptionalAction, help=_VIEWS)
    look.add_argument("--radius", type=_radius, metavar="BITS", help=f"with --folder or --list (usual: {USUAL_RADIUS} of 256)")
    report = made.add_argument_group("the report")
    report.add_argument("-o", "--report", type=Path, metavar="FILE", help="its name ends in .csv, .jsonl or .parquet")
    report.add_argument("--json", action="store_true", help="without --report: JSON lines")
    begun = report.add_mutually_exclusive_group()
    begun.add_argument("--resume", action="store_true", help="go on with the scan that was begun for this report, or begin it")
    begun.add_argument("--afresh", action="store_true", help="forget that scan, and replace the report")
    begun.add_argument("--so-far", action="store_true", help="write the report of what is done by now, and no more")
    work = made.add_argument_group("who does it")
    work.add_argument("-j", "--jobs", type=_jobs, default=usual_jobs(), metavar="N", help="processes (usual: one for each core)")
    work.add_argument("--on", metavar="ADDRESS", help="a Dask cluster, such as dask://host:8786, instead of this machine")
    return made


_MANIFEST = "a list of files: names one a line, CSV, JSON lines or Parquet with a column “path” (and “id”); repeatable"
_VIEWS = "also find copies that were mirrored, bordered, captioned or cut; slower (usual: as the settings say, otherwise not)"


def _radius(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 3 or int(text) > WIDEST_RADIUS:
        raise argparse.ArgumentTypeError(f"a number of bits from 0 to {WIDEST_RADIUS}")
    return int(text)


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError("a number of processes, from 1 to 1024")
    return int(text)


def _check(asked: argparse.Namespace) -> None:
    """Words that do not go together."""
    if not (asked.paths or asked.manifest):
        parser().error("what is to be scanned? Name a file, a folder, - or a manifest.")
    if not asked.report and (asked.resume or asked.afresh or asked.so_far):
        parser().error("a scan can only be gone on with for a report: name it with --report.")
    if asked.radius is not None and not (asked.folder or asked.list):
        parser().error("--radius goes with --folder or --list: settings have their own.")


def _scan(asked: argparse.Namespace, stack: ExitStack) -> int:
    """Raises what REFUSALS names, and OSError."""
    if asked.report:
        report, form = asked.report, form_of(asked.report)
    else:
        report, form = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "report.jsonl", Form.JSON_LINES
    if asked.resume and report.exists() and not folder_of(report).exists():
        sys.stderr.write(f"{printable(str(report))}: The report is there, and whole.\n")
        return 0
    _make_way(asked, report)
    sources = Sources(tuple(asked.paths), tuple(asked.manifest), asked.root, asked.null)
    job = Job.of(sources, _asked(asked, folder_of(report)), report, form)
    if asked.so_far:
        said = so_far(job)
    else:
        workers = stack.enter_context(Cluster(asked.on)) if asked.on else Processes(asked.jobs)
        said = _run(job, workers)
    if not asked.report:
        show(report, is_json=asked.json)
    tell(said, asked.report)
    return 0 if said["is_whole"] and not said["refused"] else 1


def _make_way(asked: argparse.Namespace, report: Path) -> None:
    """Raises ScanRefused."""
    folder = folder_of(report)
    if asked.so_far and not folder.exists():
        raise ScanRefused("No scan was begun for this report that has not ended.")
    if asked.afresh:
        shutil.rmtree(folder, ignore_errors=True)
    elif folder.exists() and not (asked.resume or asked.so_far):
        raise ScanRefused("A scan was begun for this report. Add --resume to go on with it, or --afresh to begin again.")
    elif report.exists() and not (asked.resume or asked.so_far):
        raise ScanRefused("The report exists already. Name another, or add --afresh to replace it.")
    if not asked.so_far:
        folder.mkdir(mode=0o700, exist_ok=True)


def _asked(asked: argparse.Namespace, state: Path) -> Asked:
    """Raises SettingsError, CannotAsk."""
    radius = USUAL_RADIUS if asked.radius is None else asked.radius
    if not (asked.folder or asked.list):
        settings = read_settings(asked.settings or Path(USUAL_FILE))
        views = settings.asks_variants if asked.views is None else asked.views
        return of_settings(settings, Sight(settings.pipelines, views))
    sight = Sight(asks_views=bool(asked.views))
    return of_folder(asked.folder, radius, sight) if asked.folder else of_file(asked.list, state, radius, sight)


def _run(job: Job, workers: Workers) -> dict[str, Any]:
    """With a bar: first what was found, then what is done of it."""
    with ExitStack() as stack:
        return run(job, workers, Bar(stack))


def _farewell(asked: argparse.Namespace, words: list[str]) -> str:
    if not asked.report or not folder_of(asked.report).exists():
        return "\nStopped.\n"
    again = shlex.join(["rempart", "matcher", "scan", *(word for word in words if word != "--afresh")])
    resume = "" if asked.resume else " --resume"
    return f"\nStopped. What was done is kept. To go on:\n  {printable(again)}{resume}\n"
