"""Build hook: every catalogue of translations (.po) is compiled (.mo) next to its source.

It runs for wheels and for editable installs alike, so a fresh checkout speaks French at once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polib
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class TranslationsHook(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        for po in sorted(root.glob("src/**/locale/*/LC_MESSAGES/*.po")):
            mo = po.with_suffix(".mo")
            polib.pofile(str(po)).save_as_mofile(str(mo))
            build_data["artifacts"].append("/" + mo.relative_to(root).as_posix())
