"""One worker for all the tests that only ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rempart.engine import Sha256
from rempart.engine.files import digest, pdq_of_file
from tests.matcher.made import entry, gone, pdq
from tests.matcher.web.drawn import photograph
from tests.matcher.web.served import Worker, hold, worker

FILE = Sha256(bytes(range(32)))
DRAWN = photograph(7)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    """List "minors": a (pdq 1), b (pdq 2, FILE), the drawn photograph, one that is flooded (pdq 3); "adult-lists": c (pdq 1)."""
    folder = tmp_path_factory.mktemp("served")
    drawn = entry("drawn", pdq_of_file(DRAWN).pdq, sha256=digest(DRAWN).sha256)
    hold(folder, entry("a", pdq(1)), entry("b", pdq(2), sha256=FILE), drawn, entry("flooded", pdq(3)), entry("left", pdq(4)))
    hold(folder, gone("left"))
    hold(folder, entry("c", pdq(1)), name="adult-lists")
    with worker(folder) as made:
        yield made
