"""A throw-away installation of the desk: keys of its own, a data folder of its own, and the database asked for.

Django reads its settings once, very early; so this is a pytest plugin (named in pyproject.toml) that comes
before any other. `REMPART_TEST_DATABASE=postgres pytest` runs on a private PostgreSQL.
"""

from __future__ import annotations

import atexit
import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests import postgres

ON_POSTGRES = os.environ.get("REMPART_TEST_DATABASE") == "postgres"
FOLDER = "REMPART_TEST_FOLDER"
SOCKET = "REMPART_TEST_SOCKET"
OF_THE_ENGINE = {"REMPART_NATIVE", "REMPART_KERNEL"}
SETTINGS_MODULE = "rempart.desk.project.settings"

opened = ExitStack()
atexit.register(opened.close)


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    """The first process makes the installation; the processes of xdist inherit it through the environment."""
    if FOLDER not in os.environ:
        opened.enter_context(installation(on_postgres=ON_POSTGRES))
    return (yield)


@contextmanager
def installation(*, on_postgres: bool = False) -> Iterator[Path]:
    """Point this process, and those it starts, to a fresh installation."""
    from rempart.desk.registers.installation.keys import make_keys
    from rempart.desk.registers.vault.keyring import NAME, Keyring

    before = dict(os.environ)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rempart-test-")))
        make_keys(folder / "keys.json")
        Keyring(folder / NAME).make()
        (folder / "var" / "static").mkdir(parents=True)
        forget_the_persons_own_installation()
        os.environ[FOLDER] = str(folder)
        os.environ["REMPART_KEYS_FILE"] = str(folder / "keys.json")
        os.environ["REMPART_DATA_FOLDER"] = str(folder / "var")
        # The sample goes by the number of the item, which PostgreSQL gives out by chance of what ran before: a test asks for it.
        os.environ["REMPART_SECOND_READING_ONE_IN"] = "0"
        if on_postgres:
            socket = stack.enter_context(postgres.private_cluster())
            os.environ[SOCKET] = str(socket)
            os.environ["REMPART_DATABASE"] = postgres.address(socket, "postgres")
        try:
            yield folder
        finally:
            os.environ.clear()
            os.environ.update(before)


def forget_the_persons_own_installation() -> None:
    """Which half of the engine answers is no part of an installation: the suite can be run on any of its kernels."""
    for name in list(os.environ):
        if name.startswith("REMPART_") and not name.startswith("REMPART_TEST_") and name not in OF_THE_ENGINE:
            del os.environ[name]
