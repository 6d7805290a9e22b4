"""A throw-away installation for the replay: keys, settings and a database of its own, gone when it ends."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlsplit, urlunsplit

from rempart.desk.registers.installation.keys import make_keys
from rempart.desk.registers.vault.keyring import NAME, Keyring
from rempart.desk.rules.notice import Tempo

SETTINGS_MODULE = "rempart.desk.project.settings"


@contextmanager
def throw_away(database: str, *, keep: bool) -> Iterator[Path]:
    """Make the installation, start Django on it, and take it away again unless it is to be kept."""
    folder = Path(tempfile.mkdtemp(prefix="rempart-replay-"))
    try:
        with _database(database, keep=keep) as address:
            _settle(folder, address)
            yield folder
            _let_go()
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _settle(folder: Path, address: str) -> None:
    make_keys(folder / "keys.json")
    Keyring(folder / NAME).make()
    (folder / "var").mkdir()
    settings_file = folder / "rempart.toml"
    # The replay may not inherit one setting of the desk of the person who starts it.
    for name in [name for name in os.environ if name.startswith("REMPART_")]:
        del os.environ[name]
    lines = ['association = "Rempart (replay)"', "is_rehearsal = true", 'keys_file = "keys.json"', 'data_folder = "var"']
    settings_file.write_text("\n".join([*lines, f'database = "{address}"', ""]))
    os.environ["REMPART_SETTINGS"] = str(settings_file)
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS_MODULE
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from rempart.desk.registers.installation import steps as installation

    # Invented people, real delays: the fast tempo of a rehearsal is for somebody who watches.
    settings.REMPART_TEMPO = Tempo()
    call_command("migrate", verbosity=0, interactive=False)
    installation.found(is_rehearsal=True, now=datetime.now(UTC))


def _let_go() -> None:
    from django.db import connections

    connections.close_all()


@contextmanager
def _database(address: str, *, keep: bool) -> Iterator[str]:
    """A database of its own on the server named, or SQLite when none is."""
    if not address:
        yield ""
        return
    import psycopg
    from psycopg.sql import SQL, Identifier

    name = f"rempart_replay_{token_hex(4)}"
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    try:
        yield urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
    finally:
        if not keep:
            _let_go()
            with psycopg.connect(address, autocommit=True) as server:
                server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
