"""The frame in which a person's own browser fingerprints her pictures, and the headers that keep it shut.

The frame is a ``srcdoc``: its one script, its style and its words are in it, so that it needs no network and is allowed none.
The script is our ES modules one after the other, less their comments and their ``import`` and ``export``; its SHA-256 is in the
policy of the page. How the page embeds it::

    made = hasher.frame(words, language="fr")
    <iframe id="hasher" sandbox="allow-scripts" title="…" srcdoc="{{ made.srcdoc }}" data-field="sent" data-button="go"
            data-refused="refused"></iframe>
    <script type="module" src="{% static 'public/image/page.js' %}"></script>
    for name, value in made.headers.items(): response[name] = value
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

FOLDER = Path(__file__).parent / "static" / "public" / "image"
MODULES = ("pdq", "sha256", "variants", "whole", "picture", "truth", "worker", "video", "lines", "frame", "start")
"""In an order in which each finds what it imports."""
GUARDS = ("calls", "links")
"""What runs in the frame before anything else."""
WORDS = (
    "title", "choose", "files", "hide_previews", "also_cropped", "also_cropped_hint", "exact_codes", "picture", "video",
    "waiting", "working", "working_on", "done", "done_plain", "long_video", "all_done", "none_done", "not_heard", "remove",
    "removed", "seconds_left", "minutes_left", "too_many", "doubtful", "failed_unreadable", "failed_transparent",
    "failed_colours", "failed_too_large", "failed_video", "failed_same", "failed_too_much",
)  # fmt: skip
"""What the frame says. ``{n}`` is a number in picture, video, done, all_done, seconds_left and minutes_left; ``{name}`` is what
``picture`` or ``video`` makes, in working_on and removed.

also_cropped names the box, ticked at first, that has the views of a picture fingerprinted too (“Also recognise cropped and framed
copies”); also_cropped_hint says in a sentence what it changes. not_heard is said when all is done and the page around the frame
does not answer: its script was lost on the way. long_video is said after done, of a video of which only the first hour was
read."""
SAVED_WORDS = (
    "saved_heading", "saved_about", "saved_offline", "saved_not_running", "codes_to_copy", "copy", "copied", "copy_by_hand",
    "saved_after",
)  # fmt: skip
"""What the saved document says besides :data:`WORDS`: its heading, what it is, that it needs no network; saved_not_running, seen
where its script does not run (some telephones show a saved page so): open it in a browser; the label of the codes, and of the
button that copies them; that they are copied, or that they must be copied by hand; saved_after: where to give them then."""

_IMPORT = re.compile(r'^import \{[\w, ]+\} from "\./(\w+)\.js";\n', re.MULTILINE)
_COMMENT = re.compile(r"^ *//.*\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const |class |function |async function )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Frame:
    """``srcdoc``: the frame's HTML, to be escaped as any attribute. ``headers``: of the page that embeds it."""

    srcdoc: str
    headers: Mapping[str, str]


def frame(words: Mapping[str, str], *, language: str) -> Frame:
    """The frame in these words, each of :data:`WORDS`. Raises KeyError for one that is missing."""
    return sealed(script(), words, language=language)


def saved(words: Mapping[str, str], *, language: str) -> str:
    """The single-file version: one HTML document that does the frame's work from a disk, without any network.

    ``words``: each of :data:`WORDS` and of :data:`SAVED_WORDS`. The same words make the same bytes, so that their SHA-256 can be
    published. The page serves it at ``image/saved/``, as UTF-8 and as an attachment; the codes that a person copies from it are
    the message that the frame sends, to be given in the field ``sent``.
    """
    text = "".join(module(name) for name in GUARDS) + script()
    return _document(text, _said(words, (*WORDS, *SAVED_WORDS)), language=language, is_saved=True)


def sealed(text: str, words: Mapping[str, str], *, language: str, guards: Sequence[str] = GUARDS) -> Frame:
    """A frame that runs the guards, then this script, and no other."""
    text = "".join(module(name) for name in guards) + text
    return Frame(_document(text, _said(words, WORDS), language=language), headers_of_page(*_hashes(text)))


def _document(text: str, said: Mapping[str, str], *, language: str, is_saved: bool = False) -> str:
    values = {
        "language": language, "policy": policy_of_frame(*_hashes(text)), "words": said, "is_saved": is_saved,
        "style": SafeString(f"<style>{_style()}</style>"), "script": SafeString(f"<script>{text}</script>"),
        "words_for_script": _data(said),
    }  # fmt: skip
    return render_to_string("public/image/frame.html", values)


def _hashes(text: str) -> tuple[str, str]:
    return digest_of(text), digest_of(_style())


def _style() -> str:
    return (FOLDER / "frame.css").read_text(encoding="utf-8")


def _said(words: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: str(words[name]) for name in names}


def _data(said: Mapping[str, str]) -> SafeString:
    text = json.dumps(said, ensure_ascii=False).replace("<", "\\u003c")
    return SafeString(f'<script type="application/json" id="words">{text}</script>')


@cache
def script() -> str:
    """All modules in one text, strict."""
    parts = [module(name) for name in MODULES]
    text = '(() => {\n"use strict";\n' + "\n".join(parts) + "})();\n"
    if "</script" in text.lower() or "<!--" in text:
        raise ValueError("A script within a page cannot hold the end of a script.")
    return text


def module(name: str) -> str:
    """One of :data:`MODULES` as it stands in the script."""
    text = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
    text = _COMMENT.sub("", _EXPORT.sub("", _IMPORT.sub("", text)))
    if re.search(r"^(import|export)\b", text, re.MULTILINE):
        raise ValueError("Modules of the frame import and export one line at a time, by name.")
    return text


def digest_of(text: str) -> str:
    """As a Content-Security-Policy names a script or a style."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def policy_of_frame(script_hash: str, style_hash: str) -> str:
    """Written in the frame itself. Nothing is fetched; the worker, the previews and the player read what is already there."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {script_hash}",
            f"style-src {style_hash}",
            "worker-src blob:",
            "img-src blob:",
            "media-src blob:",
            "connect-src 'none'",
            "frame-src 'none'",
            "form-action 'none'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types rempart",
        )
    )


def headers_of_page(script_hash: str, style_hash: str) -> dict[str, str]:
    """Of the page around the frame, which inherits its policy: so it allows what the frame needs, and no frame from anywhere.

    ``Connection-Allowlist`` closes what a policy does not: calls between browsers, and connections made in advance. Firefox 153
    and Chromium 150 do not know it: there, the guards close the same from within.
    """
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {script_hash}",
            f"style-src 'self' {style_hash}",
            "img-src 'self' data: blob:",
            "media-src blob:",
            "worker-src blob:",
            "font-src 'none'",
            "connect-src 'none'",
            "frame-src 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types rempart",
        )
    )
    return {
        "Content-Security-Policy": policy,
        "Connection-Allowlist": "(response-origin);webrtc=block",
        "X-DNS-Prefetch-Control": "off",
    }
