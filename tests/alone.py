"""The base install, without the desk and without any extra: what is not part of it cannot be imported."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, requires

from packaging.requirements import Requirement

from tests.project.commands import clean_environment

HIDE = "import sys\nfor name in {names!r}:\n    sys.modules[name] = None\n"


@cache
def base_distributions() -> frozenset[str]:
    """What ``pip install rempart`` installs."""
    found: set[str] = set()
    left = ["rempart"]
    while left:
        name = left.pop()
        if name in found:
            continue
        found.add(name)
        try:
            wanted = [Requirement(line) for line in requires(name) or []]
        except PackageNotFoundError:  # needed by other systems or Pythons only
            continue
        left += [one.name.lower() for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    return frozenset(found)


@cache
def hidden_modules() -> tuple[str, ...]:
    """Names to import that the base install has not."""
    base = base_distributions()
    owners = packages_distributions().items()
    names = {name for name, distributions in owners if not {one.lower() for one in distributions} & base}
    # Rempart's own checkout is on the path as it is for any editable install.
    return tuple(
        sorted(name for name in names if name.isidentifier() and name not in {"rempart", "tests", "tools", "benchmarks"})
    )


def run_alone(code: str, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a few lines as the base install would, in a process of its own; ``words`` become ``sys.argv[1:]``."""
    command = [sys.executable, "-c", HIDE.format(names=hidden_modules()) + code, *words]
    return subprocess.run(command, env=clean_environment(**environment), capture_output=True, text=True, timeout=120)


def rempart_alone(words: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """Type ``rempart …`` where only the base install is."""
    return run_alone("from rempart.cli import main\nsys.exit(main())", *words, **environment)
