"""One file, one record: what ``rempart hash`` says of it, as a plain dictionary that becomes a line of JSON."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rempart.engine.commands.finding import FoundFile, reason
from rempart.engine.commands.kinds import HEAD, Kind, kind_of
from rempart.engine.errors import EngineError
from rempart.engine.files import FileDigests, FileFingerprints, digest_file, fingerprint_file
from rempart.engine.fingerprint import PdqFingerprint, Pipeline
from rempart.engine.variants import bank_variants
from rempart.engine.video import FingerprintedVideo, NoMovingPicture, Progress, fingerprint_video

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be said of each file. ``every``: seconds between frames of a video; ``prune``: bits, or None."""

    pipelines: tuple[Pipeline, ...] = (Pipeline.FULL,)
    is_dihedral: bool = False
    has_variants: bool = False
    has_pdq: bool = True
    every: float = 1.0
    prune: int | None = 2

    def words(self) -> str:
        """The same in a few words, kept with each record: what was asked otherwise is not the same record."""
        if not self.has_pdq:
            return "no-pdq"
        marks = [*self.pipelines, *(["dihedral"] if self.is_dihedral else []), *(["variants"] if self.has_variants else [])]
        return f"{' '.join(marks)} every={self.every:g} prune={'none' if self.prune is None else self.prune}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A record, or the sentence that says why there is none; neither where a file in a folder is no picture and no video."""

    file: FoundFile
    record: Record | None = None
    refusal: str = ""


def outcome_of(file: FoundFile, wanted: Wanted, progress: Progress | None = None) -> Outcome:
    """Never raises for what a file may be. ``progress`` is told of a video, as ``fingerprint_video`` does."""
    try:
        return Outcome(file, record_of(file, wanted, progress))
    except NoMovingPicture as refused:
        return Outcome(file, refusal=str(refused) if file.is_named else "")
    except EngineError as refused:
        return Outcome(file, refusal=str(refused))
    except OSError as refused:
        return Outcome(file, refusal=reason(refused))
    except MemoryError:
        return Outcome(file, refusal="There is not enough memory to read it.")
    except Exception as fault:  # ours; a million files must not wait for it to be mended
        return Outcome(file, refusal=f"Rempart itself failed on this file ({type(fault).__name__}): please report it.")


def record_of(file: FoundFile, wanted: Wanted, progress: Progress | None = None) -> Record | None:
    """None for a file that was not named and is neither picture nor video. Raises EngineError and OSError."""
    path = Path(file.path)
    if not wanted.has_pdq:
        return {**_beginning(file, digest_file(path)), "options": wanted.words()}
    with path.open("rb") as opened:
        kind = kind_of(opened.read(HEAD))
    if kind is Kind.OTHER:
        if file.is_named:
            raise EngineError("This is neither a picture nor a video that can be read.")
        return None
    said = _of_picture(file, path, wanted) if kind is Kind.PICTURE else _of_video(file, path, wanted, progress)
    return {**said, "options": wanted.words()}


def _of_picture(file: FoundFile, path: Path, wanted: Wanted) -> Record:
    views = partial(bank_variants, pipeline=_for_variants(wanted.pipelines)) if wanted.has_variants else None
    made = fingerprint_file(path, pipelines=wanted.pipelines, is_dihedral=wanted.is_dihedral, views=views)
    animation: Record = {}
    if made.is_animated:
        with suppress(EngineError):  # its first picture is fingerprinted all the same
            animation = {"frames": _frames(fingerprint_video(path, every=wanted.every, prune=wanted.prune))}
    return {**_beginning(file, made.digests), **_picture(made), **animation}


def _for_variants(pipelines: tuple[Pipeline, ...]) -> Pipeline:
    """They are made of all the pixels, which full-fast does not look at."""
    return next((one for one in pipelines if one is not Pipeline.FULL_FAST), Pipeline.FULL)


def _picture(made: FileFingerprints) -> Record:
    return {
        "kind": Kind.PICTURE.value,
        "format": made.format,
        "width": made.width,
        "height": made.height,
        "animated": made.is_animated,
        "pdqs": [_pdq(one) for one in dict.fromkeys(made.pdqs)],
    }


def _of_video(file: FoundFile, path: Path, wanted: Wanted, progress: Progress | None) -> Record:
    pipeline = wanted.pipelines[0]
    made = fingerprint_video(path, every=wanted.every, prune=wanted.prune, pipeline=pipeline, progress=progress)
    return {
        **_beginning(file, made.digests),
        "kind": Kind.VIDEO.value,
        "format": made.format,
        "codec": made.codec,
        "width": made.width,
        "height": made.height,
        "seconds": round(made.seconds, 3),
        "whole": made.is_whole,
        "pipeline": pipeline.value,
        "pruned": made.fingerprint.pruned,
        "frames": _frames(made),
    }


def _beginning(file: FoundFile, digests: FileDigests) -> Record:
    return {
        "path": file.path,
        "bytes": digests.file_bytes,
        "modified_ns": file.modified_ns,
        "sha256": digests.sha256.hex(),
        "md5": digests.md5.hex(),
    }


def _pdq(one: PdqFingerprint) -> Record:
    return {"pdq": one.pdq.hex(), "quality": one.quality, "pipeline": one.pipeline.value, "variant": one.variant}


def _frames(made: FingerprintedVideo) -> list[Record]:
    return [
        {"frame": one.number, "time": round(one.time, 3), "quality": one.quality, "pdq": one.pdq.hex()}
        for one in made.fingerprint
    ]
