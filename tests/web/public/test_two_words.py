"""On public pages and in letters a picture has *codes*, and those who read our lists are *platforms*: two words everywhere."""

from __future__ import annotations

import re
from pathlib import Path

import polib

import rempart.desk

DESK = Path(rempart.desk.__file__).parent
OTHERS = re.compile(r"(?i)fingerprint|empreinte|\bhash(es)?\b|services? (that|qui)|chaque service|each service")


def test_no_other_word_on_a_page() -> None:
    catalogue = polib.pofile(str(DESK / "web/public/locale/fr/LC_MESSAGES/django.po"))
    said = [text for entry in catalogue for text in (entry.msgid, entry.msgstr, *entry.msgstr_plural.values())]
    assert not [text for text in said if OTHERS.search(text)]


def test_no_other_word_in_a_letter() -> None:
    folder = DESK / "outlets/case_mailbox/templates/case_mailbox"
    letters = [*folder.glob("renewal.*.txt"), *folder.glob("withdrawal.*.txt")]
    assert len(letters) == 4
    assert not [path.name for path in letters if OTHERS.search(path.read_text())]
