"""``threatexchange`` compares videos with code that imports the ``vpdq`` package, which it only needs to make fingerprints."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture(name="peer")
def peer_fixture(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Its modules ``vpdq_util``, ``vpdq_brute_matcher`` and ``vpdq_index``, with a ``vpdq`` that is only a name."""
    from importlib import import_module
    from types import SimpleNamespace

    hollow = ModuleType("vpdq")
    hollow.VpdqFeature = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vpdq", hollow)
    package = "threatexchange.extensions.vpdq"
    return SimpleNamespace(
        util=import_module(f"{package}.vpdq_util"),
        brute=import_module(f"{package}.vpdq_brute_matcher"),
        index=import_module(f"{package}.vpdq_index"),
    )
