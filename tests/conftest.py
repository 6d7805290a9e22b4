"""What every test stands on: which tests run on this database, and a Hypothesis that owes nothing to luck in CI.

The installation and the database themselves are made earlier, in tests/installation.py.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tests import installation, postgres

DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "django_db_setup"}

hypothesis_settings.register_profile("ci", derandomize=True, deadline=None, print_blob=True, database=None)
hypothesis_settings.register_profile("here", deadline=None)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "here")

# The mail server of the tests tells of every connection, also after the test that could hear it.
logging.getLogger("mail.log").setLevel(logging.WARNING)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # What never opens the database has nothing new to say on another one; what is of PostgreSQL says nothing on SQLite.
    is_wanted = touches_database if installation.ON_POSTGRES else is_of_any_database
    config.hook.pytest_deselected(items=[item for item in items if not is_wanted(item)])
    items[:] = [item for item in items if is_wanted(item)]


def is_of_any_database(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgres") is None


def touches_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db") or item.get_closest_marker("postgres"):
        return True
    return bool(DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session", autouse=True)
def flush_the_journal_too() -> Iterator[None]:
    """A transactional test empties every table when it ends. The journal refuses: its guard steps aside for that moment.

    Editions begin again at one, so what this process holds of the bank could pass for the next test's: it is forgotten.
    """
    from django.test import TransactionTestCase

    from rempart.desk.registers.bank.search import BankSearch, search

    empty: Callable[[TransactionTestCase], None] = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(case: TransactionTestCase) -> None:
        with the_guard_of_the_journal_aside():
            empty(case)
        search._state = BankSearch()._state

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", teardown)
        yield


@contextmanager
def the_guard_of_the_journal_aside() -> Iterator[None]:
    from django.db import connection

    guard = import_module("rempart.desk.registers.journal.migrations.0002_append_only")
    with connection.cursor() as cursor:
        for statement in {"sqlite": guard.SQLITE_BACK, "postgresql": guard.POSTGRESQL_BACK}[connection.vendor]:
            cursor.execute(statement)
    yield
    with connection.cursor() as cursor:
        for statement in {"sqlite": guard.SQLITE, "postgresql": guard.POSTGRESQL}[connection.vendor]:
            cursor.execute(statement)


@pytest.fixture(scope="session")
def postgres_socket() -> Iterator[Path]:
    """The folder of a private cluster's socket, for tests that start processes of their own (mark: postgres)."""
    if installation.SOCKET in os.environ:
        yield Path(os.environ[installation.SOCKET])
        return
    with postgres.private_cluster() as folder:
        yield folder
