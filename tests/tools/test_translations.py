"""The tool that says whether the French is complete."""

from __future__ import annotations

import shutil
from pathlib import Path

import polib
import pytest

from tools import translations

pytestmark = pytest.mark.skipif(not shutil.which("xgettext"), reason="GNU gettext is not installed")

VIEW = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy
title = _("Report")
count = ngettext("%(n)d case", "%(n)d cases", 2)
verb = pgettext_lazy("verb", "Close")
"""
PAGE = "{% load i18n %}<h1>{% translate 'Report' %}</h1>{% blocktranslate %}Hello {{ name }}, 100%{% endblocktranslate %}"
SCRIPT = "export const text = gettext('Leave quickly');"


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    source = tmp_path / "src" / "rempart"
    door = source / "public"
    for folder in (door / "locale", door / "templates" / "deep", door / "static"):
        folder.mkdir(parents=True)
    (door / "views.py").write_text(VIEW)
    (door / "templates" / "deep" / "page.html").write_text(PAGE)
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "SOURCE", source)
    return door


def translate(door: Path, domain: str = "django") -> polib.POFile:
    catalogue = polib.pofile(str(translations.catalogue_path(door, domain)))
    for entry in catalogue:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: f"fr {entry.msgid}", 1: f"fr {entry.msgid_plural}"}
        else:
            entry.msgstr = f"fr {entry.msgid}"
    catalogue.save()
    return catalogue


def complete(door: Path) -> polib.POFile:
    assert translations.main(["update"]) == 0
    catalogue = translate(door)
    assert translations.main(["check"]) == 0
    return catalogue


def test_a_door_without_catalogue_is_incomplete(door: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert translations.main(["check"]) == 1
    said = capsys.readouterr().out
    assert "src/rempart/public/views.py:4: not in the catalogue: '%(n)d case'" in said
    assert "not in the catalogue: 'Hello %(name)s, 100%%'" in said


def test_update_keeps_what_is_translated(door: Path) -> None:
    complete(door)
    (door / "views.py").write_text(VIEW + '_("New")\n')
    translations.main(["update"])
    catalogue = polib.pofile(str(translations.catalogue_path(door, "django")))
    assert {entry.msgid: entry.msgstr for entry in catalogue if not entry.msgid_plural} == {
        "Report": "fr Report",
        "Close": "fr Close",
        "Hello %(name)s, 100%%": "fr Hello %(name)s, 100%%",
        "New": "",
    }
    assert translations.main(["check"]) == 1


@pytest.mark.parametrize(
    ("msgid", "changes", "reason"),
    [
        ("Report", {"msgstr": " "}, "without French"),
        ("Report", {"flags": ["fuzzy"]}, "marked fuzzy"),
        ("%(n)d case", {"msgstr_plural": {0: "fr %(n)d", 1: ""}}, "without French"),
        ("Hello %(name)s, 100%%", {"msgstr": "Bonjour %(nom)s, 100%%"}, "placeholders differ"),
    ],
)
def test_each_gap_is_named(
    door: Path, capsys: pytest.CaptureFixture[str], msgid: str, changes: dict[str, object], reason: str
) -> None:
    catalogue = complete(door)
    entry = catalogue.find(msgid)
    for name, value in changes.items():
        setattr(entry, name, value)
    catalogue.save()
    assert translations.main(["check"]) == 1
    assert f"{reason}: {msgid!r}" in capsys.readouterr().out


def test_a_line_nobody_uses_is_named(door: Path, capsys: pytest.CaptureFixture[str]) -> None:
    catalogue = complete(door)
    catalogue.append(polib.POEntry(msgid="Former", msgstr="Ancien"))
    catalogue.save()
    assert translations.main(["check"]) == 1
    assert "no source says it any more: 'Former'" in capsys.readouterr().out


def test_a_string_belongs_to_the_nearest_catalogue(door: Path, capsys: pytest.CaptureFixture[str]) -> None:
    complete(door)
    other = door.parent / "other"
    other.mkdir()
    (other / "views.py").write_text("from django.utils.translation import gettext as _\n_('Report')\n")
    assert translations.main(["check"]) == 1
    assert "src/rempart/other/views.py:2: no `locale` folder up the tree: 'Report'" in capsys.readouterr().out


def test_scripts_have_their_own_catalogue(door: Path) -> None:
    complete(door)
    (door / "static" / "leave.js").write_text(SCRIPT)
    assert translations.main(["check"]) == 1
    translations.main(["update"])
    translate(door, "djangojs")
    assert translations.main(["check"]) == 0


def test_compile_writes_what_django_reads(door: Path) -> None:
    complete(door)
    assert translations.main(["compile"]) == 0
    compiled = polib.mofile(str(translations.catalogue_path(door, "django").with_suffix(".mo")))
    assert compiled.find("Report").msgstr == "fr Report"
