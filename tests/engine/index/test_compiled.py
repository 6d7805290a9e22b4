"""What the compiled half answers, as Python tells it."""

from __future__ import annotations

import numpy as np
import pytest

from rempart.engine.errors import IndexDamaged
from rempart.engine.index.compiled import DAMAGED, FINE, NO_MEMORY, ROOM, Compiled, check
from rempart.engine.native.library import Kernel, kernels
from tests.engine.index.hashes import uniform

COMPILED = [kernel for kernel in kernels() if kernel is not Kernel.NUMPY]


def test_each_status_is_told() -> None:
    check(FINE)
    with pytest.raises(IndexDamaged, match="points outside its rows"):
        check(DAMAGED)
    with pytest.raises(MemoryError):
        check(NO_MEMORY)


@pytest.mark.parametrize("count", [ROOM - 1, ROOM, ROOM + 1])
@pytest.mark.parametrize("kernel", COMPILED)
def test_more_rows_than_there_is_room_for_are_all_told(kernel: Kernel, count: int) -> None:
    alike = np.repeat(uniform(1), count, axis=0)
    found = Compiled(kernel).scan(alike, alike[0].tobytes(), 0)
    np.testing.assert_array_equal(np.sort(found.row), np.arange(count))


@pytest.mark.parametrize("kernel", COMPILED)
def test_an_answer_is_the_callers_own(kernel: Kernel) -> None:
    """The next look-up of the same thread does not write over it."""
    bank = uniform(50)
    first = Compiled(kernel).scan(bank, bank[3].tobytes(), 0)
    Compiled(kernel).scan(bank, bank[4].tobytes(), 0)
    assert first.row.tolist() == [3]
