"""What a wheel must do where nothing else of Rempart is: tools/wheel.py runs a copy of this file in a fresh environment."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path

import rempart


def main() -> int:
    here = Path(sys.prefix).resolve()
    assert here in Path(rempart.__file__).resolve().parents, rempart.__file__
    (command,) = [one for one in entry_points(group="console_scripts") if one.name == "rempart"]
    assert command.load()(["--version"]) == 0
    print("The trial is over: every answer was right.")
    return 0


sys.exit(main())
