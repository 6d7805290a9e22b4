"""``rempart desk backup`` and ``restore``: one file that holds the whole database, taken while the desk runs.

The keys are not in it unless asked for: whoever holds both reads everything.
"""

import argparse
import hashlib
import io
import json
import shutil
import sys
import tarfile
import tempfile
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from rempart.desk.project import backup_engines, database, heartbeat, keyring_file, opening
from rempart.desk.project.opening import Opened, Refusal
from rempart.desk.registers.installation.keys import read_keys
from rempart.desk.registers.vault.keyring import NAME, KeyringError

CARD = "backup.json"
CONTENT = "database"
KEYS = "keys.json"
SHAPE = 1


@dataclass(frozen=True, slots=True)
class Card:
    """What a backup says of itself."""

    shape: int
    made_at: str
    rempart: str
    engine: str
    is_rehearsal: bool
    keys_fingerprint: str
    sha256: str


def add_arguments_backup(parser: argparse.ArgumentParser) -> None:
    """Where to, and whether with the keys."""
    parser.add_argument("file", type=Path, metavar="FILE", help="where to write the backup; must not exist")
    parser.add_argument("--with-keys", action="store_true", help="put the keys in it too: keep such a file in a safe")


def run_backup(arguments: argparse.Namespace) -> int:
    """Write one file; readable by its owner only; complete or absent."""
    opened = opening.open_desk(arguments.settings)
    target: Path = arguments.file.resolve()
    if target.exists():
        raise Refusal(f"{target} already exists; a backup never replaces another one.")
    try:
        size = _write(opened, target, with_keys=arguments.with_keys)
    except OSError as error:
        raise Refusal(f"The backup could not be written: {error.strerror or error}.") from error
    keys = (
        "The keys are in it: whoever holds this file can read every report. Keep it in a safe."
        if arguments.with_keys
        else f"The keys are not in it. Without {opened.keys_file.name} nobody can read it: keep a copy of the keys elsewhere."
    )
    ring = _copy_keyring(opened, target.with_name(NAME))
    sys.stdout.write(f"Backup written: {target} ({size / 1_048_576:.1f} MiB).\n{keys}\n{ring}\n")
    return 0


def _copy_keyring(opened: Opened, copy: Path) -> str:
    """One copy beside the backups, which each backup replaces: dated ones would bring back what was forgotten."""
    absent = keyring_file.missing(opened)
    if absent is not None:
        return absent
    try:
        is_elsewhere = opened.keyring.copy(copy)
    except (KeyringError, OSError) as error:
        raise Refusal(f"The backup was written, but the keyring could not be copied beside it: {error}") from error
    if not is_elsewhere:
        return "The keyring lies in this folder itself: keep the backups elsewhere."
    return f"The keyring of the protections was copied to {copy}, in place of the copy before. Never keep an older one."


def _write(opened: Opened, target: Path, *, with_keys: bool) -> int:
    # Beside the target: the last act is a rename on the same disk.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup-") as folder:
        content = Path(folder) / CONTENT
        engine = backup_engines.dump(content)
        card = Card(
            shape=SHAPE,
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            rempart=version("rempart"),
            engine=engine,
            is_rehearsal=opened.config.is_rehearsal,
            keys_fingerprint=fingerprint_of_keys(opened.keys_file),
            sha256=_sha256(content),
        )
        whole = Path(folder) / "whole"
        _pack(whole, card, content, opened.keys_file if with_keys else None)
        whole.rename(target)
    return target.stat().st_size


def _pack(whole: Path, card: Card, content: Path, keys: Path | None) -> None:
    """One file, on the disk for sure before it takes its name."""
    whole.touch(mode=0o600)
    with whole.open("r+b") as file, tarfile.open(fileobj=file, mode="w") as tar:
        _add(tar, CARD, json.dumps(asdict(card), indent=1).encode())
        if keys is not None:
            _add(tar, KEYS, keys.read_bytes())
        tar.add(content, CONTENT, filter=_without_names)
    with whole.open("rb") as written:
        backup_engines.sync(written.fileno())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, io.BytesIO(content))


def _without_names(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uname = entry.gname = ""
    entry.uid = entry.gid = 0
    entry.mode = 0o600
    return entry


def add_arguments_restore(parser: argparse.ArgumentParser) -> None:
    """Which file, and whether something may be replaced."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a backup made by rempart desk backup")
    parser.add_argument("--replace", action="store_true", help="replace what the database holds now")


def run_restore(arguments: argparse.Namespace) -> int:
    """Put the backup in place, whole or not at all."""
    opened = opening.open_settings(arguments.settings)
    opening.start_django(opened)
    _refuse_if_running(opened)
    with tempfile.TemporaryDirectory(dir=opened.data, prefix=".restore-") as folder:
        card, content = _unpack(arguments.file, Path(folder))
        _refuse_foreign(card, opened)
        if not database.is_empty() and not arguments.replace:
            raise Refusal("The database is not empty. To replace all it holds: rempart desk restore FILE --replace")
        backup_engines.load(content, card.engine)
    count = database.migrate()
    opening.refuse_wrong_database(opened.config)
    taken_back = _end_forgotten(opened)
    database.close()
    more = f" It was older than this version: {count} changes were made to it." if count else ""
    sys.stdout.write(f"The database is as it was on {card.made_at}.{more}{taken_back}\n")
    return 0


def _end_forgotten(opened: Opened) -> str:
    """What was taken back after the backup stays so: its key is gone, and the keyring knows it."""
    from rempart.desk.registers.bank import steps

    absent = keyring_file.make_if_new(opened)
    if absent is not None:
        return f" {absent}"
    ended = steps.end_forgotten(now=datetime.now(UTC))
    return f" {ended} protection(s) taken back since then stay taken back." if ended else ""


def _refuse_if_running(opened: Opened) -> None:
    now = datetime.now(UTC)
    if any(not beat.is_silent(now) for beat in heartbeat.beats(opened.data, now)):
        raise Refusal("The desk is running. Stop it first (web and worker), then restore.")


def _unpack(file: Path, folder: Path) -> tuple[Card, Path]:
    content = folder / CONTENT
    try:
        with tarfile.open(file, mode="r:") as tar:
            card = Card(**json.loads(_read(tar, CARD)))
            _extract(tar, CONTENT, content)
    except FileNotFoundError as error:
        raise Refusal(f"There is no file {file}.") from error
    except (OSError, tarfile.TarError, KeyError, ValueError, TypeError) as error:
        raise Refusal(f"{file} is not a backup of the desk, or it is damaged.") from error
    if card.shape != SHAPE or _sha256(content) != card.sha256:
        raise Refusal(f"{file} is damaged, or was made by a newer Rempart ({card.rempart}).")
    return card, content


def _extract(tar: tarfile.TarFile, name: str, to: Path) -> None:
    with _part(tar, name) as source, to.open("xb") as target:
        shutil.copyfileobj(source, target)


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    with _part(tar, name) as source:
        return source.read(1 << 20)


def _part(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    source = tar.extractfile(name)
    if source is None:
        raise KeyError(name)
    return source


def _refuse_foreign(card: Card, opened: Opened) -> None:
    if card.is_rehearsal != opened.config.is_rehearsal:
        held = "a rehearsal" if card.is_rehearsal else "real reports"
        raise Refusal(f"This backup holds {held}; these settings are for the contrary. The two are never mixed.")
    if card.keys_fingerprint != fingerprint_of_keys(opened.keys_file):
        raise Refusal(
            f"This backup was made with other keys: {opened.keys_file} cannot open it. Put back the keys file of that time first."
        )


def fingerprint_of_keys(path: Path) -> str:
    """Tells two keys files apart without saying anything of the secrets."""
    return hashlib.sha256(b"rempart backup\0" + read_keys(path).intake_public).hexdigest()[:32]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
