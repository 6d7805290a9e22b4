"""Examples of the documentation are run as they stand: a page that shows Python shows what Python answers."""

from __future__ import annotations

import doctest
import re
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from tests.conventions.sources import ROOT, name_of

DOCS = ROOT / "docs"
PAGES = [path for path in sorted(DOCS.rglob("*.md")) if ">>>" in path.read_text(encoding="utf-8")]


@pytest.fixture
def desk_of_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the pages speak of: pictures drawn here."""
    y, x = np.mgrid[0:768, 0:1024]
    waves = 128 + 60 * np.sin(x / 61 + y / 97) + 55 * np.sin((x * y) ** 0.5 / 23)
    drawn = Image.fromarray(np.stack([waves, waves[::-1], 255 - waves], axis=2).astype(np.uint8))
    drawn.save(tmp_path / "photo.jpg", quality=90)
    drawn.resize((512, 384)).save(tmp_path / "photo-smaller.jpg", quality=60)
    ImageOps.expand(drawn, border=80, fill="white").save(tmp_path / "photo-framed.jpg", quality=80)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=name_of)
@pytest.mark.usefixtures("desk_of_a_reader")
def test_examples_run(page: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = doctest.testfile(str(page), module_relative=False, optionflags=doctest.ELLIPSIS, encoding="utf-8")
    assert results.attempted > 5
    assert not results.failed


def test_both_languages_show_the_same_examples() -> None:
    """What differs between two languages is the text around."""
    shown = {name_of(page): re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL) for page in PAGES}
    english, french = ([code for name, code in shown.items() if name.startswith(f"docs/{folder}/")] for folder in ("en", "fr"))
    assert english
    assert sorted(english) == sorted(french)
