"""The parts of a form with a file (``multipart/form-data``, RFC 7578), in memory: nothing touches the disk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rempart.matcher.web.exchange import Refusal

MOST_PARTS = 20
MOST_HEAD = 4_096
MOST_TEXT = 10_000
BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]")
_PARAMETER = re.compile(r';\s*(name|filename\*?)=("(?:[^"\\]|\\.)*"|[^;\s]*)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FormFile:
    """One file of a form. Its name is not kept: it may say more than anybody should read."""

    field_name: str
    content_type: bytes
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Form:
    """What a form held."""

    files: tuple[FormFile, ...]
    texts: dict[str, str] = field(repr=False)


def malformed() -> Refusal:
    return Refusal(400, "malformed", "This is not a form with a file, as “multipart/form-data” writes it.")


def read_form(body: bytes, boundary: str) -> Form:
    """Raises Refusal (400). At most 20 parts; texts beside the files may have 10,000 bytes."""
    if not BOUNDARY.fullmatch(boundary):
        raise malformed()
    files, texts = [], {}
    for head, start, end in _parts(body, boundary.encode("ascii")):
        name, is_file = _named(head.get("content-disposition", ""))
        if is_file:
            files.append(FormFile(name, head.get("content-type", "").encode("latin-1", "replace"), body[start:end]))
        elif end - start > MOST_TEXT:
            raise malformed()
        else:
            texts[name] = body[start:end].decode("utf-8", "replace")
    return Form(tuple(files), texts)


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[dict[str, str], int, int]]:
    """Heads, and where contents begin and end."""
    mark = b"\r\n--" + boundary
    if body.startswith(mark[2:]):
        at = len(mark) - 2
    else:
        at = body.find(mark) + len(mark)
        if at < len(mark):
            raise malformed()
    for _ in range(MOST_PARTS + 1):
        if body.startswith(b"--", at):
            return
        line = body.find(b"\r\n", at, at + 100)
        head_end = body.find(b"\r\n\r\n", line, line + MOST_HEAD)
        end = body.find(mark, head_end + 2)
        if line < 0 or body[at:line].strip() or head_end < 0 or end < 0:
            raise malformed()
        yield _head(body[line + 2 : head_end]), head_end + 4, max(end, head_end + 4)
        at = end + len(mark)
    raise malformed()


def _head(lines: bytes) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines.decode("utf-8", "replace").split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _named(disposition: str) -> tuple[str, bool]:
    if not disposition.lower().startswith("form-data"):
        raise malformed()
    given = {name.lower(): value for name, value in _PARAMETER.findall(disposition)}
    if "name" not in given:
        raise malformed()
    return given["name"].strip('"').replace('\\"', '"'), "filename" in given or "filename*" in given
