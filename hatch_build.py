"""Build hook: translations are compiled (.po → .mo), and the native half of the engine where there is a compiler.

It runs for wheels and for editable installs alike, so a fresh checkout speaks French and is fast at once. Without a compiler
the engine runs on NumPy, and says so. A compiler that is there and fails stops the installation: a slow engine would go
unnoticed. REMPART_NO_COMPILER=1 installs without it all the same.
"""

from __future__ import annotations

import platform
import re
import runpy
import sysconfig
from pathlib import Path
from typing import Any

import polib
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NO_COMPILER = "No C++ compiler: the engine will run on NumPy alone, with the same answers, much slower."
COMPILER_FAILED = """\
The C++ compiler did not succeed:

{failure}

To install without the compiled half of the engine (same answers, much slower), set REMPART_NO_COMPILER=1 and start again."""
# The oldest C library for which pip knows a name of this form.
OLDEST_GLIBC = 17


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        self._compile_translations(build_data)
        if self.target_name == "wheel":
            self._compile_engine(build_data)

    def _compile_translations(self, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        for po in sorted(root.glob("src/**/locale/*/LC_MESSAGES/*.po")):
            mo, made = po.with_suffix(".mo"), po.with_suffix(".mo.made")
            polib.pofile(str(po)).save_as_mofile(str(made))
            made.replace(mo)  # whole or not at all: a desk may be reading the former one
            build_data["artifacts"].append("/" + mo.relative_to(root).as_posix())

    def _compile_engine(self, build_data: dict[str, Any]) -> None:
        native = runpy.run_path(str(Path(self.root) / "src" / "rempart" / "engine" / "native" / "build.py"))
        library, compiler = native["LIBRARY"], native["find_compiler"]()
        if compiler is None:
            library.unlink(missing_ok=True)
            self.app.display_warning(NO_COMPILER)
            return
        try:
            native["build"](library, compiler)
        except native["CompilerFailed"] as failure:
            self.app.display_error(COMPILER_FAILED.format(failure=failure))
            raise SystemExit(1) from None
        build_data["artifacts"].append("/" + library.relative_to(Path(self.root)).as_posix())
        # The library has a plain C interface: one wheel a platform serves every Python.
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform_of(library)}"


def platform_of(library: Path) -> str:
    """The machines that can load this library, as pip names them.

    On glibc the name says the newest of the versions whose symbols it asks for: libstdc++ is inside, and libc is all it needs.
    """
    here = re.sub(r"[-.]", "_", sysconfig.get_platform())
    if not here.startswith("linux_") or platform.libc_ver()[0] != "glibc":
        return here
    asked = [int(minor) for minor in re.findall(rb"\bGLIBC_2\.(\d+)", library.read_bytes())]
    return here.replace("linux", f"manylinux_2_{max([OLDEST_GLIBC, *asked])}", 1)
