"""Every function of the native library, asked random, empty, huge and damaged things. Run where a sanitizer watches:

    python -m tests.engine.native.hostile one-by-one|together

Prints the names of the functions that were called. A wrong answer ends it; so does the sanitizer, with its own account.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from rempart.engine.native import library

Trial = Callable[[library.Kernel, np.random.Generator], None]

CALLED: set[str] = set()


class Watched:
    """A function of the library that remembers having been called."""

    def __init__(self, name: str, function: Any) -> None:
        object.__setattr__(self, "_name", name)
        object.__setattr__(self, "_function", function)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._function, name, value)

    def __call__(self, *arguments: object) -> Any:
        CALLED.add(self._name)
        return self._function(*arguments)


class WatchedLibrary:
    """The library, each of its functions watched."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self._watched: dict[str, Watched] = {}

    def __getattr__(self, name: str) -> Watched:
        if name not in self._watched:
            self._watched[name] = Watched(name, getattr(self._real, name))
        return self._watched[name]


def watch() -> None:
    """From here on, whoever asks for the library gets it watched. Before any other module of the engine is read."""
    real = library.load()
    assert real is not None, "there is no native library, or not this one"
    watched = WatchedLibrary(real)
    watched.rempart_interface()
    watched.rempart_sources()
    watched.rempart_kernels()
    library.load = lambda: watched  # type: ignore[assignment]


def one_by_one(kernel: library.Kernel, trials: list[Trial]) -> None:
    for trial in trials:
        trial(kernel, np.random.default_rng(7))


def together(kernel: library.Kernel, trials: list[Trial]) -> None:
    """Two threads of Python do the same at the same time, each call with threads of its own."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        for trial in trials:
            list(pool.map(lambda seed, trial=trial: trial(kernel, np.random.default_rng(seed)), (7, 8)))


def main() -> int:
    watch()
    from tests.engine.native import hostile_index, hostile_pictures

    trials: list[Trial] = [*hostile_index.TRIALS, *hostile_pictures.TRIALS]
    ask = together if sys.argv[1:] == ["together"] else one_by_one
    for kernel in library.kernels():
        if kernel is not library.Kernel.NUMPY:
            ask(kernel, trials)
    print(*sorted(CALLED), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
