"""The unmodified ``threatexchange`` and a desk with processes and a database of its own: see ``at_scale``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.commands import clean_environment

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("what", ["changing", "many"])
def test_ncmec_from_a_desk_with_processes_of_its_own(tmp_path: Path, what: str) -> None:
    """Read, cut short and gone on with while people protect and take back; a hundred thousand, all of one second."""
    command = [sys.executable, "-m", "tests.web.api.at_scale", what, str(tmp_path)]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, timeout=1_500)
    assert done.returncode == 0, done.stderr[-3_000:]
