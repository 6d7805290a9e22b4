"""Build hook: translations are compiled (.po → .mo), and the native half of the engine where there is a compiler.

It runs for wheels and for editable installs alike, so a fresh checkout speaks French and is fast at once.
"""

from __future__ import annotations

import runpy
import sysconfig
from pathlib import Path
from typing import Any

import polib
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self._compile_translations(build_data)
        self._compile_engine(build_data)

    def _compile_translations(self, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        for po in sorted(root.glob("src/**/locale/*/LC_MESSAGES/*.po")):
            mo = po.with_suffix(".mo")
            polib.pofile(str(po)).save_as_mofile(str(mo))
            build_data["artifacts"].append("/" + mo.relative_to(root).as_posix())

    def _compile_engine(self, build_data: dict[str, Any]) -> None:
        native = runpy.run_path(str(Path(self.root) / "src" / "rempart" / "engine" / "native" / "build.py"))
        library, compiler = native["LIBRARY"], native["find_compiler"]()
        library.unlink(missing_ok=True)
        if compiler is None:
            self.app.display_warning("No C++ compiler: the engine will run on NumPy alone, with the same answers, much slower.")
            return
        native["build"](library, compiler)
        build_data["artifacts"].append("/" + library.relative_to(Path(self.root)).as_posix())
        # The library has a plain C interface: one wheel a platform serves every Python.
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
