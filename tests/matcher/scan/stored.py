"""Pictures that a platform may have stored, drawn by code, and a list on which some of them are."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from rempart.engine import fingerprint_file
from rempart.matcher.lookup import ListRules
from rempart.matcher.scan.asking import Asked
from rempart.matcher.scan.pieces import Item, Line, Result
from rempart.matcher.scan.scanning import scan
from rempart.matcher.scan.seeing import Sight
from rempart.matcher.shelf.writing import ShelfWriter
from tests.matcher.made import NOW, batch, entry

LISTED = 7
"""The seed of the picture that is on the list; no other is."""


@cache
def drawn(seed: int = LISTED) -> Image.Image:
    """Blots of colour, no two pictures alike."""
    blots = np.random.default_rng(seed).integers(0, 256, (14, 18, 3), np.uint8)
    return Image.fromarray(blots).resize((256, 192), Image.Resampling.BICUBIC)


@cache
def jpeg(seed: int = LISTED, quality: int = 85) -> bytes:
    stream = io.BytesIO()
    drawn(seed).save(stream, "JPEG", quality=quality)
    return stream.getvalue()


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def tarred(members: Mapping[str, bytes], mode: str = "w", others: Iterable[tarfile.TarInfo] = ()) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode=mode) as archive:  # type: ignore[call-overload]
        for other in others:
            archive.addfile(other)
        for name, data in members.items():
            known = tarfile.TarInfo(name)
            known.size = len(data)
            archive.addfile(known, io.BytesIO(data))
    return stream.getvalue()


def a_list(folder: Path, *, is_exact: bool = False) -> ListRules:
    """With one entry, of the picture LISTED."""
    made = fingerprint_file(jpeg())
    with ShelfWriter(folder) as writer:
        known = entry("listed", made.pdqs[0].pdq, sha256=made.digests.sha256 if is_exact else None)
        writer.take(batch(known), now=NOW)
    return ListRules("minors", folder)


def asked(folder: Path, *, is_exact: bool = False, views: bool = False) -> Asked:
    return Asked((a_list(folder / "shelf", is_exact=is_exact),), sight=Sight(asks_views=views))


def scanned(path: Path | str, asking: Asked, **also: object) -> Result:
    """One file, with what it was cut into."""
    result = scan([Item(0, str(path), **also)], asking)  # type: ignore[arg-type]
    for piece in result.further:
        part = scan([piece], asking)
        assert not part.trouble
        result.lines += part.lines
        result.counts += part.counts
    return result


def told(result: Result) -> list[tuple[str, str]]:
    """Member, and entry or reason, in the order of the report."""
    assert not result.trouble
    lines = sorted(result.lines)
    assert len({place for place, _ in lines}) == len(lines)
    return [(line.member, line.entry or line.reason) for _, line in lines]


def only(result: Result) -> Line:
    [(_, line)] = result.lines
    return line
