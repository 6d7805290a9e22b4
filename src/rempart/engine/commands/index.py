"""``rempart index``: build, keep and ask an index of fingerprints, from lists and from standard input."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Self

import numpy as np

from rempart.engine.commands.finding import printable, reason
from rempart.engine.commands.lines import MOST_KEY, looks_like_a_fingerprint
from rempart.engine.commands.lists import Lists, Refusal
from rempart.engine.commands.progress import Screen, screen
from rempart.engine.errors import EngineError
from rempart.engine.index.interface import USUAL_RADIUS, WIDEST_RADIUS, Matches
from rempart.engine.index.store import IndexStore
from rempart.engine.native.library import describe

DESCRIPTION = """\
An index in a folder: every fingerprint of a bank within a distance, found in microseconds.

A LIST is a file, or - for standard input. Each line is a PDQ (64 hexadecimal digits) and its key, a whole number of your
own that says whose it is: "PDQ,KEY" or "PDQ KEY"; or a JSON object with "pdq" and "key", or a line that `rempart hash
--json` printed; or the file is CSV, with a first line that names a column "pdq" or "hash", and one "key" or "id"."""
ENDING = """\
A fingerprint is as secret as the picture it was made from. It is never taken from the command line, where the shell would
remember it, and never printed. The folder is made readable by you alone.

Exit code: 0 well, 1 a refusal said in a sentence, 2 a misspelt command, 130 after Ctrl-C."""
NOT_HERE = """\
A fingerprint does not belong on the command line: the shell remembers it. Write it to a file, or give it on standard
input, with - in its place."""
STOPPED = 130


def main(words: Sequence[str]) -> int:
    """Run one verb. Returns the exit code."""
    if any(looks_like_a_fingerprint(word) for one in words for word in one.split("=")):
        sys.stderr.write(f"{NOT_HERE}\n")
        return 1
    asked = _read(words)
    run: Callable[[argparse.Namespace], None] = asked.run
    try:
        run(asked)
        sys.stdout.flush()
    except EngineError as refused:
        sys.stderr.write(f"{printable(str(refused))}\n")
        return 1
    except BrokenPipeError:  # whoever read our lines has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as refused:
        name = refused.filename if isinstance(refused.filename, str) else str(asked.folder)
        sys.stderr.write(f"{printable(name)}: {reason(refused)}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped. The index is as it was before, or whole with the change.\n")
        return STOPPED
    return 0


def _read(words: Sequence[str]) -> argparse.Namespace:
    """As argparse does, and also lists that come after an option."""
    reader = parser()
    asked, more = reader.parse_known_args(list(words))
    if more and (not hasattr(asked, "lists") or any(word.startswith("-") and word != "-" for word in more)):
        reader.error(f"this was not understood: {' '.join(more)}")
    if more:
        asked.lists = [*asked.lists, *more]
    return asked


def parser() -> argparse.ArgumentParser:
    """The verbs and their options."""
    made = argparse.ArgumentParser(
        prog="rempart index", description=DESCRIPTION, epilog=ENDING, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = made.add_subparsers(dest="verb", metavar="VERB", title="what it can do", required=True)
    for name, run, lists, about in (
        ("build", build, "+", "make an index of these lists"),
        ("add", add, "+", "add the entries of these lists; those stored already change nothing"),
        ("remove", remove, "*", "withdraw the entries of these lists (PDQ and key), or all entries of a key (key alone)"),
        ("query", query, "+", "for each PDQ of these lists, print its line number, and key and distance of what is near"),
        ("verify", verify, None, "read every byte, and say whether it is what was written"),
        ("info", info, None, "say how much is in it"),
        ("compact", compact, None, "rewrite it without what was withdrawn, in one piece; readers go on meanwhile"),
    ):
        verb = verbs.add_parser(name, help=about, description=f"{about[:1].upper()}{about[1:]}.")
        verb.add_argument("folder", type=Path, metavar="FOLDER", help="where the index is")
        if lists:
            verb.add_argument("lists", nargs=lists, metavar="LIST", help="a file, or - for standard input")
            verb.add_argument("--skip-bad", action="store_true", help="pass over lines that cannot be read, instead of stopping")
        verb.set_defaults(run=run)
    _add_options(verbs.choices)
    return made


def _add_options(verbs: dict[str, argparse.ArgumentParser]) -> None:
    first = "key of a first line that gives none; the lines after it count on"
    verbs["build"].add_argument("--first-key", type=_key, default=1, metavar="KEY", help=f"{first} (usual: 1, the line number)")
    verbs["build"].add_argument("--replace", action="store_true", help="put it in place of the index in this folder")
    verbs["add"].add_argument("--first-key", type=_key, metavar="KEY", help=f"{first} (usual: such lines are refused)")
    verbs["remove"].add_argument(
        "--key", type=_key, action="append", default=[], metavar="KEY", help="all of this key; repeatable"
    )
    radius = f"how many of the 256 bits may differ (usual: {USUAL_RADIUS})"
    verbs["query"].add_argument("--radius", type=_radius, default=USUAL_RADIUS, metavar="BITS", help=radius)
    verbs["query"].add_argument("--json", action="store_true", help="one JSON object for each line that found something")
    verbs["info"].add_argument("--json", action="store_true", help="one JSON object")


def _key(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 20 or int(text) > MOST_KEY:
        raise argparse.ArgumentTypeError("a key is a whole number from 0 to 2⁶⁴ − 1")  # does not repeat it: it may be a PDQ
    return int(text)


def _radius(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 3 or int(text) > WIDEST_RADIUS:
        raise argparse.ArgumentTypeError(f"a number of bits from 0 to {WIDEST_RADIUS}")
    return int(text)


# ── the verbs ──


def build(asked: argparse.Namespace) -> None:
    """Stream the lists into a new index: nothing is in force before all of it is."""
    with _lists(asked) as lists, Steps("Building") as steps:
        store = IndexStore.build_from(asked.folder, lists.entries(), replace=asked.replace, progress=steps)
    _say_keys_given(asked, lists)
    repeated = lists.count - len(store)
    said = f" Given more than once, stored once: {repeated:,}." if repeated else ""
    _say(f"Built: {len(store):,} entries.{said}")


def add(asked: argparse.Namespace) -> None:
    """Read everything, then add it at once or not at all."""
    with _lists(asked) as lists:
        hashes, keys = lists.all_entries()
    with IndexStore.writer(asked.folder) as writer:
        new = writer.add(hashes, keys)
    _say_keys_given(asked, lists)
    known = f" Stored already: {lists.count - new:,}." if new < lists.count else ""
    _say(f"Added: {new:,} entries.{known}")


def remove(asked: argparse.Namespace) -> None:
    """Read everything, then withdraw it."""
    if not asked.lists and not asked.key:
        raise Refusal("What is to be withdrawn? Name a list, or a key with --key.")
    with _lists(asked, has_keys_alone=True) as lists:
        hashes, keys = lists.all_entries()
    with IndexStore.writer(asked.folder) as writer:
        gone = writer.remove_pairs(hashes, keys)
        gone += writer.remove(np.array([*asked.key, *lists.keys_alone], np.uint64))
    _say(f"Withdrawn: {gone:,} entries. No reader answers them any more; `rempart index compact` erases their bytes.")


def query(asked: argparse.Namespace) -> None:
    """Ask in pieces, print as they are answered. Two PDQ of one line count once, at their smaller distance."""
    store = IndexStore.open(asked.folder)
    found = questions = 0
    with _lists(asked) as lists:
        for hashes, numbers in lists.questions():
            questions += len(np.unique(numbers))
            found += _print(store.join(hashes, asked.radius), numbers, is_json=asked.json)
    _say(f"Lines that found something: {found:,} of {questions:,}.")


def _print(matches: Matches, numbers: list[int], *, is_json: bool) -> int:
    nearest: dict[int, dict[int, int]] = {}
    for question, match in matches:
        line = nearest.setdefault(numbers[question], {})
        line[match.key] = min(match.distance, line.get(match.key, match.distance))
    for number, by_key in sorted(nearest.items()):
        pairs = sorted(by_key.items(), key=lambda pair: (pair[1], pair[0]))
        if is_json:
            listed = [{"key": key, "distance": distance} for key, distance in pairs]
            sys.stdout.write(json.dumps({"line": number, "matches": listed}) + "\n")
        else:
            sys.stdout.writelines(f"{number}\t{key}\t{distance}\n" for key, distance in pairs)
    return len(nearest)


def verify(asked: argparse.Namespace) -> None:
    """Read all of it."""
    store = IndexStore.open(asked.folder)
    with Steps("Entries read") as steps:
        store.verify(steps)
    _say(f"The index is what was written: {len(store):,} entries.")


def info(asked: argparse.Namespace) -> None:
    """What it holds, for people or programs."""
    said = IndexStore.open(asked.folder).info()
    if asked.json:
        sys.stdout.write(json.dumps(asdict(said)) + "\n")
        return
    lines = {
        "Entries": f"{said.entries:,}",
        "Withdrawn, bytes still there": f"{said.withdrawn:,}",
        "In the log": f"{said.in_log:,}",
        "Segments": f"{said.segments}",
        "Size": f"{said.size / 2**20:,.1f} MiB",
        "Version": f"{said.generation}",
        "Engine": describe(),
    }
    sys.stdout.writelines(f"{name:<30}{text}\n" for name, text in lines.items())


def compact(asked: argparse.Namespace) -> None:
    """Erase what was withdrawn."""
    with IndexStore.writer(asked.folder) as writer, Steps("Rewriting") as steps:
        writer.compact(steps)
    said = IndexStore.open(asked.folder).info()
    _say(f"One piece of {said.entries:,} entries." if said.segments == 1 else f"{said.entries:,} entries.")


def _lists(asked: argparse.Namespace, *, has_keys_alone: bool = False) -> Lists:
    first_key = getattr(asked, "first_key", None)
    is_shown = asked.verb != "query" or not sys.stdout.isatty()
    return Lists(asked.lists, first_key, skips_bad=asked.skip_bad, has_keys_alone=has_keys_alone, is_shown=is_shown)


def _say_keys_given(asked: argparse.Namespace, lists: Lists) -> None:
    """Nobody should learn later whose these are."""
    if lists.without_key:
        start = "their line number" if asked.first_key == 1 else f"counted from {asked.first_key}, line by line"
        through = ", through all lists" if len(asked.lists) > 1 else ""
        _say(f"Lines without a key: {lists.without_key:,}. Their key is {start}{through}.")


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


class Steps:
    """The progress of one long step, as a bar that appears when the first part of it is done."""

    def __init__(self, what: str) -> None:
        self._what, self._stack, self._done = what, ExitStack(), 0
        self._shown: Screen | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def __call__(self, done: int, total: int) -> None:
        if self._shown is None:
            self._shown = self._stack.enter_context(screen(self._what, total))
        if done < self._done:  # the next segment begins
            self._done = 0
        self._shown.advance(done - self._done)
        self._done = done
