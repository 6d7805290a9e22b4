"""``rempart hash``: fingerprints of pictures and videos, on the terminal or in a file of JSON lines."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from rempart.engine.commands.finding import Found, FoundFile, find, printable, reason, words_of
from rempart.engine.commands.output import Output, OutputRefused, keys_of, line_of, open_output
from rempart.engine.commands.progress import Screen, screen
from rempart.engine.commands.records import Outcome, Record, Wanted, outcome_of
from rempart.engine.commands.workers import outcomes, usual_jobs
from rempart.engine.fingerprint import Pipeline
from rempart.engine.video.fingerprint import USUAL_PRUNING

DESCRIPTION = """\
Fingerprints of pictures and videos: PDQ, SHA-256 and MD5.

A FILE is a file, a folder (with all that is in it), or a pattern in quotes, such as 'films/**/*.mp4'. With - , names
are read from standard input, one a line. What a file is, is seen by its content; its name does not count."""
ENDING = """\
A fingerprint is as secret as the picture it was made from: whoever has it can ask who else has the picture. The
output file is made readable by you alone; keep it so.

Exit code: 0 when every file was read, 1 when one could not be (each is named on standard error), 130 after Ctrl-C."""
STOPPED = 130  # 128 + SIGINT, as shells have it
LONGEST_EVERY = 86_400.0  # seconds
MOST_BITS = 256


@dataclass(slots=True)
class Count:
    """What is told at the end."""

    done: int = 0
    refused: int = 0
    passed_over: int = 0
    known: int = 0


def main(words: Sequence[str]) -> int:
    """Hash what the words name. Returns the exit code."""
    asked = parser().parse_args(list(words))
    if asked.resume and not asked.output:
        parser().error("--resume goes on with an output file: name it with --output")
    count = Count()
    try:
        found = find(_names(asked), without=[asked.output] if asked.output else [])
        return _run(asked, found, count)
    except OutputRefused as refused:
        sys.stderr.write(f"{printable(asked.output)}: {refused}\n")
        return 1
    except BrokenPipeError:  # whoever read our lines has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as refused:
        sys.stderr.write(f"{printable(asked.output or '')}: {reason(refused)}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write(_farewell(asked, list(words), count))
        return STOPPED


def parser() -> argparse.ArgumentParser:
    """The options of the command."""
    made = argparse.ArgumentParser(
        prog="rempart hash", description=DESCRIPTION, epilog=ENDING, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = made.add_argument
    add("files", nargs="+", metavar="FILE", help="a file, a folder, a pattern, or - for names on standard input")
    add("-0", "--null", action="store_true", help="names on standard input end with NUL, as `find -print0` writes them")
    add("--json", action="store_true", help="one JSON object a line for each file, with everything that is known of it")
    add("-o", "--output", metavar="FILE", help="write these lines to a file, and nothing on standard output")
    add("--resume", action="store_true", help="go on with the output file: what it holds already is not read again")
    add("-j", "--jobs", type=_jobs, default=usual_jobs(), metavar="N", help="how many processes (usual: one for each core)")
    picture = made.add_argument_group("what is made")
    add = picture.add_argument
    add("--pipeline", action="append", choices=[one.value for one in Pipeline], help=_PIPELINE)
    add("--variants", action="store_true", help="of pictures: also what is stored in a bank (without borders, parts of it…)")
    add("--dihedral", action="store_true", help="of pictures: also turned and mirrored, eight in all")
    add("--no-pdq", action="store_true", help="only SHA-256 and MD5, of any file at all")
    add("--every", type=_seconds, default=1.0, metavar="SECONDS", help="of videos: one frame every so often; 0: all (usual: 1)")
    add("--prune", type=_bits, default=USUAL_PRUNING, metavar="BITS", help=_PRUNE)
    return made


_PIPELINE = (
    "full: every pixel, as pdqhash and HMA (usual); c512: as Meta's own tool; full-fast: quicker, within 16 bits; repeatable"
)
_PRUNE = "of videos: leave out a frame this near to the last one kept; none: keep all (usual: 2)"


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError("a number of processes, from 1 to 1024")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= LONGEST_EVERY:
        raise argparse.ArgumentTypeError("a number of seconds, from 0 to 86400")
    return seconds


def _bits(text: str) -> int | None:
    if text == "none":
        return None
    if not text.isdecimal() or int(text) > MOST_BITS:
        raise argparse.ArgumentTypeError("a number of bits, from 0 to 256, or none")
    return int(text)


def _names(asked: argparse.Namespace) -> Iterator[str]:
    for word in asked.files:
        if word == "-":
            yield from words_of(sys.stdin.buffer.read(), separator=b"\0" if asked.null else b"\n")
        else:
            yield word


def _wanted(asked: argparse.Namespace) -> Wanted:
    pipelines = tuple(dict.fromkeys(Pipeline(one) for one in asked.pipeline or [Pipeline.FULL]))
    return Wanted(pipelines, asked.dihedral, asked.variants, not asked.no_pdq, asked.every, asked.prune)


def _run(asked: argparse.Namespace, found: Found, count: Count) -> int:
    wanted = _wanted(asked)
    lines: list[str] = []
    with ExitStack() as stack:
        output = stack.enter_context(open_output(asked.output, is_resumed=asked.resume)) if asked.output else None
        files = found.files if output is None else _new(found.files, output, wanted, count)
        is_alone = len(files) == 1
        shown = stack.enter_context(
            screen("Files", len(files), is_shown=is_alone or output is not None or not sys.stdout.isatty())
        )
        for path, why in found.refusals:
            _refuse(shown, count, path, why)
        jobs = min(asked.jobs, max(1, len(files)))
        work = partial(outcome_of, progress=shown.video) if jobs == 1 else outcome_of
        for outcome in outcomes(files, wanted, jobs, work):
            lines += _tell(outcome, shown, output, count, is_json=asked.json)
            shown.advance()
            if not is_alone:
                _print(lines)
    _print(lines)  # of one file, once the bar is gone from the terminal
    return _end(asked, found, count)


def _print(lines: list[str]) -> None:
    sys.stdout.writelines(line + "\n" for line in lines)
    lines.clear()


def _new(files: list[FoundFile], output: Output, wanted: Wanted, count: Count) -> list[FoundFile]:
    """Those that the output does not hold as they are now, and as they are wanted now."""
    known, words = keys_of(output), wanted.words()
    new = [file for file in files if (file.path, file.file_bytes, file.modified_ns, words) not in known]
    count.known = len(files) - len(new)
    return new


def _tell(outcome: Outcome, shown: Screen, output: Output | None, count: Count, *, is_json: bool) -> list[str]:
    """Count it, write it to the output file if there is one; what remains is for standard output."""
    if outcome.refusal:
        _refuse(shown, count, outcome.file.path, outcome.refusal)
        return []
    if outcome.record is None:
        count.passed_over += 1
        return []
    lines = []
    if output is not None:
        output.add(outcome.record)
    elif is_json:
        lines = [line_of(outcome.record).decode("ascii").rstrip("\n")]
    else:
        lines = lines_of(outcome.record)
    count.done += 1
    return lines


def _refuse(shown: Screen, count: Count, path: str, why: str) -> None:
    shown.remark(f"{printable(path)}: {why}")
    count.refused += 1


def lines_of(record: Record) -> list[str]:
    """The same for people: one line for each PDQ of a picture, one for a video."""
    name = printable(record["path"])
    if "kind" not in record:
        return [f"{record['sha256']}  {name}"]
    size = f"{record['format'].split(',')[0]} {record['width']}×{record['height']}"
    if record["kind"] == "video":
        whole = "" if record["whole"] else ", damaged or cut short"
        kept = f"frames kept: {len(record['frames'])}, of {record['seconds']:.0f} s{whole}; --json shows them"
        return [f"{size:<20}  {name}  ({kept})"]
    is_one = len(record["pdqs"]) == 1
    marks = ["" if is_one else f"  ({one['variant']}, {one['pipeline']})" for one in record["pdqs"]]
    pairs = zip(record["pdqs"], marks, strict=True)
    return [f"{one['pdq']}  {one['quality']:>3}  {size:<20}  {name}{mark}" for one, mark in pairs]


def _end(asked: argparse.Namespace, found: Found, count: Count) -> int:
    """The last words, on standard error, where there is something to say."""
    said = []
    if not found.files and not found.refusals:
        said.append("There is no file there.")
    if asked.output:
        said.append(f"Written to {printable(asked.output)}: {count.done}.")
    remarks = {
        "There already": count.known,
        "Neither pictures nor videos": count.passed_over,
        "Not files (pipes, devices, broken links)": found.set_aside,
        "Could not be read": count.refused,
    }
    said += [f"{remark}: {number}." for remark, number in remarks.items() if number]
    if said:
        sys.stderr.write(" ".join(said) + "\n")
    return 1 if count.refused or not (count.done or count.known) else 0


def _farewell(asked: argparse.Namespace, words: list[str], count: Count) -> str:
    if not asked.output:
        return f"\nStopped. Files done: {count.done}.\n"
    again = shlex.join(["rempart", "hash", *words, *([] if asked.resume else ["--resume"])])
    return f"\nStopped. Written, each line whole: {count.done}. To go on:\n  {printable(again)}\n"
