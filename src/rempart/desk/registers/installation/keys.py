"""The secrets of one installation: made once, kept in one file that only its owner may read, never in the database."""

import json
import os
import secrets
import stat
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from nacl.public import PrivateKey


class KeysError(RuntimeError):
    """The keys file is missing, unreadable or unsafe; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Keys:
    """``intake_private`` may be absent in a process that only serves the public door."""

    django_secret: str
    digest_key: bytes
    intake_public: bytes
    intake_private: bytes | None

    def __repr__(self) -> str:
        return "Keys(…)"


def make_keys(path: Path) -> Keys:
    """Write fresh keys to ``path`` (mode 0600). Refuses to overwrite: lost keys are lost reports."""
    if path.exists():
        raise KeysError(f"{path} already exists; keys are never overwritten")
    private = PrivateKey.generate()
    content = {
        "django_secret": secrets.token_urlsafe(48),
        "digest_key": b64encode(secrets.token_bytes(32)).decode(),
        "intake_public": b64encode(bytes(private.public_key)).decode(),
        "intake_private": b64encode(bytes(private)).decode(),
    }
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Written aside, then linked into place: a reader never sees half a file, and two makers cannot both win.
    aside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(content, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(aside, path)
    except FileExistsError as error:
        raise KeysError(f"{path} already exists; keys are never overwritten") from error
    finally:
        aside.unlink()
    return read_keys(path)


def read_keys(path: Path) -> Keys:
    """Read the keys file. Raises :class:`KeysError` with a sentence when it cannot be used."""
    try:
        content = json.loads(path.read_text())
        private = content.get("intake_private")
        return Keys(
            django_secret=content["django_secret"],
            digest_key=b64decode(content["digest_key"], validate=True),
            intake_public=b64decode(content["intake_public"], validate=True),
            intake_private=b64decode(private, validate=True) if private else None,
        )
    except FileNotFoundError as error:
        raise KeysError(f"the keys file {path} does not exist; run: rempart desk init") from error
    except (OSError, ValueError, KeyError) as error:
        raise KeysError(f"the keys file {path} cannot be read: {error}") from error


def is_private_to_owner(path: Path) -> bool:
    """Whether nobody but the owner may read the file."""
    return not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
