"""The frame is one text: its script as light as promised, its words safe within a page, its policy naming what it holds."""

from __future__ import annotations

import gzip
import html
import re
from pathlib import Path

import pytest

from rempart.desk.web.public import hasher
from tests.web.public.image.site import SAVED, WORDS

MOST_BYTES = 10_000  # as a server sends it, compressed
SHOWING = ("video", "lines", "frame", "start")  # what is seen; the rest makes fingerprints of pixels


def test_what_makes_fingerprints_stays_light() -> None:
    parts = [hasher.module(name) for name in hasher.MODULES if name not in SHOWING]
    assert len(gzip.compress("".join(parts).encode())) < MOST_BYTES


def test_no_name_is_given_twice() -> None:
    """One text for all modules: what two of them declare would be an error, and no page."""
    declared = re.findall(
        r"^(?:async )?(?:const|let|class|function) (\w+)|^(?:const .*?), (\w+) =", hasher.script(), re.MULTILINE
    )
    names = [first or second for first, second in declared]
    assert len(set(names)) == len(names)


def test_words_are_those_that_the_frame_says() -> None:
    sources = "".join((hasher.FOLDER / f"{name}.js").read_text() for name in ("frame", "lines", "picture", "video", "worker"))
    template = Path(hasher.__file__).with_name("templates") / "public" / "image" / "frame.html"
    said = set(re.findall(r"\bwords\.(\w+)", sources + template.read_text()))
    said |= {name for two in re.findall(r'words\[.*? \? "(\w+)" : "(\w+)"\]', sources) for name in two}
    said |= {f"failed_{reason}" for reason in re.findall(r'(?:throw |reject\(|Refusal\()"(\w+)"', sources)}
    kinds, stops_all = {"picture", "video"}, {"failed_doubtful", "failed_cancelled"}
    assert said - stops_all | kinds == {*hasher.WORDS, *hasher.SAVED_WORDS}


def test_the_frame_says_nothing_of_the_saved_document() -> None:
    """The page need not give those words, and there is a page around to take the codes."""
    assert 'id="copy"' not in hasher.frame(WORDS, language="en").srcdoc


def test_the_saved_document_has_the_same_bytes_each_time() -> None:
    one = hasher.saved(SAVED, language="fr")
    assert one == hasher.saved(dict(reversed(SAVED.items())), language="fr")
    assert one != hasher.saved(SAVED, language="en")


def test_the_saved_document_asks_for_nothing_outside_itself() -> None:
    made = hasher.saved(SAVED, language="en")
    assert re.findall(r"""(?:src|href|srcset|action)\s*=\s*["']|@import|\burl\(""", made) == []
    assert "default-src &#x27;none&#x27;" in made
    for part in re.findall(r"<script>(.*?)</script>|<style>(.*?)</style>", made, re.DOTALL):
        assert html.escape(hasher.digest_of("".join(part))) in made


def test_a_word_of_the_saved_document_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        hasher.saved(WORDS, language="en")


def test_words_cannot_leave_their_place() -> None:
    hostile = "</script><script>alert(1)</script>\"'&<!--"
    made = hasher.frame(WORDS | {"choose": hostile, "done": hostile}, language="en")
    assert made.srcdoc.count("<script") == 2
    assert html.escape(hostile) in made.srcdoc


def test_a_word_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError):
        hasher.frame({}, language="en")


def test_policies_name_the_script_and_the_style() -> None:
    made = hasher.frame(WORDS, language="en")
    script = re.search(r"<script>(.*?)</script>", made.srcdoc, re.DOTALL)
    style = re.search(r"<style>(.*?)</style>", made.srcdoc, re.DOTALL)
    assert script
    assert style
    for text in (script[1], style[1]):
        assert hasher.digest_of(text) in made.headers["Content-Security-Policy"]
        assert html.escape(hasher.digest_of(text)) in made.srcdoc
