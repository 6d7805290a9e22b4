"""Each test has a keyring of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from rempart.desk.registers.vault.keyring import Keyring


@pytest.fixture(autouse=True)
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    made = Keyring(tmp_path / "keyring.sqlite3")
    made.make()
    monkeypatch.setattr(settings, "REMPART_KEYRING", made)
    return made
