"""``rempart desk trace FILE``: whose copy of a list has leaked. Prints no fingerprint."""

import argparse
import gzip
import json
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from rempart.desk.project import opening
from rempart.desk.project.opening import Refusal
from rempart.desk.rules.collusion import NAMED_BELOW
from rempart.engine import HashArray

if TYPE_CHECKING:
    from rempart.desk.registers.lists.tracing import Traced

MOST_BYTES = 4 << 30
"""Of the text, unpacked."""
MOST_FINGERPRINTS = 2_000_000
_AT_ONCE = 1 << 20
_DIGITS = 64
# 64 digits, and none beside them: PDQ and SHA-256, in lines, CSV, JSON, XML, whatever.
_FINGERPRINT = re.compile(rb"(?<![0-9A-Fa-f])[0-9A-Fa-f]{64}(?![0-9A-Fa-f])")
_GZIP = b"\x1f\x8b"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file that was found."""
    parser.add_argument("file", type=Path, metavar="FILE", help="any text with fingerprints in it, or the same in gzip")
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when somebody is named, 3 when nobody may be."""
    leaked, is_cut = read_file(arguments.file)
    opening.open_desk(arguments.settings)
    from rempart.desk.registers.lists import tracing
    from rempart.desk.registers.vault.keyring import KeyringError

    try:
        traced = tracing.trace(leaked, now=datetime.now(UTC))
    except KeyringError as error:
        raise Refusal(str(error)) from error
    told = _told(traced)
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=1) + "\n" if arguments.json else _for_people(told, is_cut))
    return 0 if traced.named else 3


def read_file(path: Path) -> tuple[HashArray, bool]:
    """The different fingerprints in a file, shape (n, 32), sorted; and whether it held more than are read. Raises Refusal."""
    try:
        with ExitStack() as stack:
            file: IO[bytes] = stack.enter_context(path.open("rb"))
            is_packed = file.read(2) == _GZIP
            file.seek(0)
            text: Any = stack.enter_context(gzip.open(file)) if is_packed else file
            found = _different(text)
    except FileNotFoundError:
        raise Refusal(f"There is no file {path}.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise Refusal(f"{path} cannot be read ({type(error).__name__}).") from None
    is_cut = len(found) > MOST_FINGERPRINTS
    rows = np.frombuffer(b"".join(sorted(found)[:MOST_FINGERPRINTS]), np.uint8).reshape(-1, 32)
    return rows, is_cut


def _different(text: IO[bytes]) -> set[bytes]:
    """One more than are wanted, at most."""
    found: set[bytes] = set()
    for digits in _digits(text):
        found.add(bytes.fromhex(digits.decode()))
        if len(found) > MOST_FINGERPRINTS:
            break
    return found


def _digits(text: IO[bytes]) -> Iterator[bytes]:
    """Every run of exactly 64 hexadecimal digits, across the pieces that are read. The zeros of UTF-16 do not count."""
    kept, size, begins = b"", 0, 0
    while True:
        piece = text.read(_AT_ONCE)
        size += len(piece)
        if size > MOST_BYTES:
            raise Refusal("The file is too large: cut it, a few thousand fingerprints of it are enough.")
        before = kept + piece.replace(b"\0", b"")
        # The sign before a run must be seen, and the one after it: what touches the end waits for the next piece.
        for match in _FINGERPRINT.finditer(before, begins):
            if match.end() < len(before) or not piece:
                yield match[0]
        if not piece:
            return
        if len(before) > _DIGITS + 1:
            kept, begins = before[-(_DIGITS + 1) :], 1
        else:
            kept = before


def _told(traced: "Traced") -> dict[str, Any]:
    from rempart.desk.registers.lists.readings import platform_names

    platforms = platform_names(suspect.client.platform_number for suspect in traced.named)
    return {
        "fingerprints": traced.given,
        "ours": traced.ours,
        "unmarked": traced.unmarked,
        "lists": list(traced.lists),
        "canaries": traced.canaries,
        "canaries_seen": traced.canaries_seen,
        "clients": traced.suspects,
        "named_below": NAMED_BELOW,
        "named": [
            {
                "client": suspect.client.pk,
                "platform": platforms.get(suspect.client.platform_number, ""),
                "label": suspect.client.label,
                "is_revoked": suspect.client.revoked_at is not None,
                "chance_of_error": suspect.chance_of_error,
            }
            for suspect in traced.named
        ],
    }


def _for_people(told: dict[str, Any], is_cut: bool) -> str:
    lines = [f"{told['fingerprints']:,} different fingerprints of 64 digits; {told['ours']:,} are near ours."]
    if is_cut:
        lines.append("The file holds more; the others were not read.")
    if told["lists"]:
        seen = f"{told['canaries_seen']} of the {told['canaries']} canaries that stood there"
        lines.append(f"List: {', '.join(told['lists'])}. In the file: {seen}.")
    if told["unmarked"]:
        lines.append(
            f"{told['unmarked']:,} bear no mark of anybody: they come from this desk itself, or somebody took the marks off."
        )
    return "\n".join([*lines, "", *_verdict(told)]) + "\n"


def _verdict(told: dict[str, Any]) -> Iterator[str]:
    named = told["named"]
    if not named:
        yield f"Nobody is named: for none of {told['clients']} clients is the chance of accusing wrongly below {NAMED_BELOW:g}."
        return
    yield "These clients together:" if len(named) > 1 else "This client:"
    for one in named:
        revoked = ", revoked" if one["is_revoked"] else ""
        yield f"  {one['platform']}, “{one['label']}” (client {one['client']}{revoked}): {_odds(one['chance_of_error'])}"
    yield f"The chance is that any innocent one of {told['clients']} clients would look as guilty."
    yield "It says whose copy it is, not who took it from there: their machine may have been broken into."


def _odds(chance: float) -> str:
    if chance < 1e-30:
        return "chance of error below 1 in 10³⁰"
    return f"chance of error at most 1 in {1 / chance:,.0f}"
