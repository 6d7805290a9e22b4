"""The two languages of Rempart: strings are written in English, catalogues give the French.

    python tools/translations.py compile   .po → .mo, where the .po is newer
    python tools/translations.py check     every string has its French, every French line is still used
    python tools/translations.py update    add to the catalogues the strings that are new, drop the unused

A string belongs to the catalogue of the nearest folder up the tree that has a `locale` folder.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "rempart"
LANGUAGE = "fr"
PLURAL_FORMS = "nplurals=2; plural=(n > 1);"
TEMPLATES = {".html", ".txt", ".xml", ".svg", ".eml"}
# The domain of each kind of file, and how xgettext reads it.
DOMAINS = {"django": "Python", "djangojs": "JavaScript"}
KEYWORDS = [
    "gettext_noop",
    "gettext_lazy",
    "ngettext_lazy:1,2",
    "pgettext:1c,2",
    "npgettext:1c,2,3",
    "pgettext_lazy:1c,2",
    "npgettext_lazy:1c,2,3",
]
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|%[sd]")

Key = tuple[str, str]  # context, string


def main(arguments: list[str]) -> int:
    verbs = {"compile": compile_catalogues, "check": check, "update": update}
    if len(arguments) != 1 or arguments[0] not in verbs:
        print(__doc__)
        return 2
    return verbs[arguments[0]]()


def compile_catalogues() -> int:
    for po in SOURCE.rglob("locale/*/LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            polib.pofile(str(po), encoding="utf-8").save_as_mofile(str(mo))
    return 0


def check() -> int:
    problems = [problem for folder, domain, used in scopes() for problem in problems_of(folder, domain, used)]
    for problem in problems:
        print(problem)
    print("Translations: complete" if not problems else f"Translations: {len(problems)} to mend")
    return 1 if problems else 0


def update() -> int:
    for folder, domain, used in scopes():
        if folder is None:
            continue
        path = catalogue_path(folder, domain)
        catalogue = read(path)
        known = {key_of(entry): entry for entry in catalogue}
        catalogue[:] = [refreshed(known.get(key), entry) for key, entry in sorted(used.items())]
        if catalogue:
            path.parent.mkdir(parents=True, exist_ok=True)
            catalogue.save(str(path))
        print(f"{path.relative_to(ROOT)}: {len(catalogue)} strings, {len(used.keys() - known.keys())} new")
    return 0


def scopes() -> Iterator[tuple[Path | None, str, dict[Key, polib.POEntry]]]:
    """For each folder with a catalogue (None: strings without one) and each domain, the strings used."""
    files: dict[tuple[Path | None, str], list[Path]] = {}
    for path in sorted(SOURCE.rglob("*")):
        if (domain := domain_of(path)) is not None:
            files.setdefault((home_of(path), domain), []).append(path)
    for (folder, domain), paths in files.items():
        used = extract(paths, DOMAINS[domain])
        if used or (folder and catalogue_path(folder, domain).exists()):
            yield folder, domain, used


def domain_of(path: Path) -> str | None:
    if path.suffix == ".py" and "migrations" not in path.parts:
        return "django"
    if path.suffix in TEMPLATES and "templates" in path.parts:
        return "django"
    if path.suffix in {".js", ".mjs"}:
        return "djangojs"
    return None


def home_of(path: Path) -> Path | None:
    """The nearest folder up the tree that has a `locale` folder."""
    folders = [folder for folder in path.parents if folder.is_relative_to(SOURCE)]
    return next((folder for folder in folders if (folder / "locale").is_dir()), None)


def catalogue_path(folder: Path, domain: str) -> Path:
    return folder / "locale" / LANGUAGE / "LC_MESSAGES" / f"{domain}.po"


def extract(paths: list[Path], language: str) -> dict[Key, polib.POEntry]:
    """GNU xgettext reads the sources; Django turns its templates into something xgettext can read."""
    with tempfile.TemporaryDirectory() as folder:
        names = [readable_copy(path, Path(folder)) for path in paths]
        pot = Path(folder) / "messages.pot"
        command = ["xgettext", f"--language={language}", "--from-code=UTF-8", "--add-comments=Translators"]
        command += [f"--keyword={keyword}" for keyword in KEYWORDS]
        command += ["--keyword=_", "--files-from=-", f"--output={pot}"]
        subprocess.run(command, cwd=folder, input="\n".join(names), text=True, check=True)
        text = pot.read_text(encoding="utf-8") if pot.exists() else ""
    catalogue = polib.pofile(text.replace("charset=CHARSET", "charset=UTF-8"))
    return {key_of(entry): entry for entry in catalogue}


def readable_copy(path: Path, folder: Path) -> str:
    from django.utils.translation.template import templatize

    name = path.relative_to(ROOT)
    copy = folder / name
    copy.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8")
    copy.write_text(templatize(text) if path.suffix in TEMPLATES else text, encoding="utf-8")
    return name.as_posix()


def problems_of(folder: Path | None, domain: str, used: dict[Key, polib.POEntry]) -> Iterator[str]:
    if folder is None:
        yield from (f"{place_of(entry)}: no `locale` folder up the tree: {entry.msgid!r}" for entry in used.values())
        return
    path = catalogue_path(folder, domain)
    catalogue = read(path)
    known = {key_of(entry): entry for entry in catalogue}
    for key, entry in used.items():
        if reason := incomplete(known.get(key), entry):
            yield f"{place_of(entry)}: {reason}: {entry.msgid!r}"
    for key in known.keys() - used.keys():
        yield f"{path.relative_to(ROOT)}: no source says it any more: {key[1]!r}"


def incomplete(known: polib.POEntry | None, entry: polib.POEntry) -> str | None:
    """Why this string is not yet translated, or None."""
    if known is None:
        return "not in the catalogue"
    if known.fuzzy:
        return "marked fuzzy"
    if bool(entry.msgid_plural) != bool(known.msgid_plural):
        return "one has a plural and the other not"
    translations = list(known.msgstr_plural.values()) if known.msgid_plural else [known.msgstr]
    if len(translations) < (2 if known.msgid_plural else 1) or not all(text.strip() for text in translations):
        return "without French"
    expected = placeholders(entry.msgid) | placeholders(entry.msgid_plural)
    if any(not placeholders(text) <= expected for text in translations) or placeholders(translations[-1]) != expected:
        return "placeholders differ"
    return None


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text.replace("%%", "")))


def refreshed(known: polib.POEntry | None, entry: polib.POEntry) -> polib.POEntry:
    """The new entry with the translation already known; places by file only, so that lines may move."""
    entry.occurrences = sorted({(name, "") for name, _ in entry.occurrences})
    if known is not None:
        entry.msgstr, entry.tcomment = known.msgstr, known.tcomment
        entry.msgstr_plural = known.msgstr_plural or entry.msgstr_plural
        entry.flags = sorted(set(entry.flags) | (set(known.flags) & {"fuzzy"}))
    return entry


def read(path: Path) -> polib.POFile:
    if path.exists():
        return polib.pofile(str(path), encoding="utf-8", wrapwidth=110)
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Project-Id-Version": "rempart",
        "Language": LANGUAGE,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": PLURAL_FORMS,
    }
    return catalogue


def key_of(entry: polib.POEntry) -> Key:
    return (entry.msgctxt or "", entry.msgid)


def place_of(entry: polib.POEntry) -> str:
    name, line = entry.occurrences[0] if entry.occurrences else ("?", "")
    return f"{name}:{line}" if line else name


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
