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
MODULES = ("pdq", "sha256", "variants", "picture", "truth", "worker", "video", "frame", "start")
"""In an order in which each finds what it imports."""
GUARDS = ("calls", "links")
"""What runs in the frame before anything else."""
WORDS = (
    "title", "choose", "files", "hide_previews", "exact_codes", "picture", "video", "waiting", "working", "working_on", "done",
    "done_plain", "all_done", "none_done", "remove", "removed", "seconds_left", "minutes_left", "too_many", "doubtful",
    "failed_unreadable", "failed_transparent", "failed_colours", "failed_too_large", "failed_video", "failed_same",
    "failed_too_much",
)  # fmt: skip
"""What the frame says. ``{n}`` is a number in picture, video, done, all_done, seconds_left and minutes_left; ``{name}`` is what
``picture`` or ``video`` makes, in working_on and removed."""

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


def sealed(text: str, words: Mapping[str, str], *, language: str, guards: Sequence[str] = GUARDS) -> Frame:
    """A frame that runs the guards, then this script, and no other."""
    text = "".join(module(name) for name in guards) + text
    style = (FOLDER / "frame.css").read_text(encoding="utf-8")
    hashes = digest_of(text), digest_of(style)
    said = {name: str(words[name]) for name in WORDS}
    values = {
        "language": language, "policy": policy_of_frame(*hashes), "words": said, "style": SafeString(f"<style>{style}</style>"),
        "script": SafeString(f"<script>{text}</script>"), "words_for_script": _data(said),
    }  # fmt: skip
    return Frame(render_to_string("public/image/frame.html", values), headers_of_page(*hashes))


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
