"""``rempart desk export-list``: a list as a file of one client, with a manifest and signatures that ``minisign`` verifies.

For platforms that read no feed. The file carries the client's watermark as its feed does, and is as secret as the pictures.
"""

import argparse
import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rempart.desk.project import opening
from rempart.desk.project.opening import Refusal
from rempart.desk.rules.lists import ListName

if TYPE_CHECKING:
    from rempart.desk.registers.lists.entries import Published
    from rempart.desk.registers.lists.models import ListClient

AT_ONCE = 1_000
OWNER_ONLY = 0o600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which list, for whom, into which file."""
    parser.add_argument("list", nargs="?", choices=[name.value for name in ListName], help="the list")
    parser.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="where to write it; FILE.json and FILE.minisig come beside"
    )
    parser.add_argument("--client", metavar="KEY", help="key (k…) of the client it is for")
    parser.add_argument("--gzip", action="store_true", help="pack the file")
    parser.add_argument("--whole-only", action="store_true", help="leave out mirrored, trimmed and other views")
    parser.add_argument("--public-key", action="store_true", help="print the key that verifies such files, and stop")


def run(arguments: argparse.Namespace) -> int:
    """Write it. Raises :class:`Refusal`."""
    opening.open_desk(arguments.settings)
    from rempart.desk.outlets.lists.minisign import signer

    if arguments.public_key:
        sys.stdout.write(signer().public_file())
        return 0
    if not (arguments.list and arguments.file and arguments.client):
        raise Refusal("A list, a file and a client are needed: rempart desk export-list minors list.txt --client KEY")
    list_name, now = ListName(arguments.list), datetime.now(UTC)
    _export(_client(arguments.client, list_name), list_name, arguments, now)
    return 0


def _client(key_id: str, list_name: ListName) -> "ListClient":
    from rempart.desk.registers.lists.clients import may_read
    from rempart.desk.registers.lists.models import ListClient

    found = ListClient.objects.filter(key_id=key_id, revoked_at__isnull=True).first()
    if found is None:
        raise Refusal("No client has this key, or it is revoked. To see them all: rempart desk client list")
    if not may_read(found, list_name):
        raise Refusal(f"This client may not read the list “{list_name}”.")
    return found


def _export(client: "ListClient", list_name: ListName, arguments: argparse.Namespace, now: datetime) -> None:
    from rempart.desk.outlets.lists import file
    from rempart.desk.registers.lists import clients, entries
    from rempart.desk.registers.vault.keyring import KeyringError

    target: Path = arguments.file
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        entries.catch_up(now)
        head = entries.head(list_name)
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as into:  # noqa: PTH123
            read = _all(client, list_name, head)
            counted = file.write(read, into, is_packed=arguments.gzip, is_whole_only=arguments.whole_only)
            into.flush()
            os.fsync(into.fileno())
        made = file.manifest(
            target.name, list_name=list_name.value, client=client.key_id, counted=counted, made_at=now, position=head
        )
        clients.note_read(client, list_name, head, counted.entries, now=now, after=0)
        aside.replace(target)
    except KeyringError as error:
        raise Refusal(str(error)) from None
    except OSError as error:
        raise Refusal(f"{target} could not be written: {error.strerror}.") from None
    finally:
        with suppress(OSError):
            aside.unlink()
    _sign(target, counted.blake2b, made.written(), now)
    said = f"{counted.fingerprints} fingerprints of {counted.entries} entries, up to position {head}, for {client.key_id}."
    sys.stderr.write(f"{target}: {said}\n")


def _all(client: "ListClient", list_name: ListName, head: int) -> Iterator["Published"]:
    from rempart.desk.registers.lists import entries

    after, has_more = 0, True
    while has_more:
        page = entries.page(list_name, after=after, until=head, limit=AT_ONCE, client=client)
        yield from page.entries
        after, has_more = page.position, page.has_more


def _sign(target: Path, digest: bytes, manifest: bytes, now: datetime) -> None:
    from rempart.desk.outlets.lists.minisign import signer

    comment = f"timestamp:{int(now.timestamp())}\tfile:{target.name}\tprehashed"
    beside = target.with_name(f"{target.name}.json")
    beside.write_bytes(manifest)
    target.with_name(f"{target.name}.minisig").write_text(signer().sign(digest, comment))
    of_manifest = hashlib.blake2b(manifest).digest()
    target.with_name(f"{beside.name}.minisig").write_text(signer().sign(of_manifest, comment.replace(target.name, beside.name)))
