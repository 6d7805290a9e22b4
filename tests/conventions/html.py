"""A page, read as a careful visitor would: what is wrong with it, in sentences."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}

NOT_NEUTRAL = re.compile(
    r"abus|sexu|porn|enfan|child|victim|signal|report|blackmail|chantage|hotline|police|rempart|danger|image",
    re.IGNORECASE,
)
"""What the title of a public page may not say: it stays in histories and on lock screens."""


class Page(HTMLParser):
    """Reads one page. Use :func:`faults`."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lang = ""
        self.title = ""
        self.wrong: list[str] = []
        self.headings: list[int] = []
        self.ids: Counter[str] = Counter()
        self._fields: list[tuple[str, dict[str, str], bool]] = []
        self._labels_for: set[str] = set()
        self._open: list[str] = []
        self._buttons: list[list[str]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._note(tag, given)
        if tag == "html":
            self.lang = given.get("lang", "")
        elif re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        elif tag == "label" and given.get("for"):
            self._labels_for.add(given["for"])
        elif tag in {"input", "select", "textarea"} and given.get("type") not in UNLABELLED_TYPES:
            self._fields.append((tag, given, "label" in self._open))
        elif tag == "button":
            self._buttons.append([given.get("aria-label", "")])
        if tag not in VOID:
            self._open.append(tag)

    def _note(self, tag: str, given: dict[str, str]) -> None:
        if given.get("id"):
            self.ids[given["id"]] += 1
        for name, value in given.items():
            if name == "style" or re.fullmatch(r"on[a-z]+", name):
                self.wrong.append(f"<{tag}> has an inline {name}")
            if name in {"src", "data"} and re.match(r"(?:https?:)?//", value):
                self.wrong.append(f"<{tag}> loads from elsewhere")
        if tag == "script" and "src" not in given:
            self.wrong.append("an inline script")
        if tag == "img" and "alt" not in given:
            self.wrong.append("an <img> without alt")
        if tag == "a" and given.get("target") == "_blank":
            self.wrong.append("a link that opens a window")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title" and "svg" not in self._open:
            self.title += data
        if "button" in self._open and self._buttons:
            self._buttons[-1].append(data)

    def faults(self) -> list[str]:
        found = list(self.wrong)
        if self.headings.count(1) != 1:
            found.append(f"{self.headings.count(1)} h1")
        if any(deep > before + 1 for before, deep in zip(self.headings, self.headings[1:], strict=False)):
            found.append(f"heading levels jump: {self.headings}")
        if not self.title.strip():
            found.append("no title")
        found += [f"the id {one} is there {times} times" for one, times in self.ids.items() if times > 1]
        found += [f"a <{tag}> named {given.get('name')!r} has no label" for tag, given, inside in self._fields
                  if not (inside or self._is_labelled(given))]  # fmt: skip
        found += ["a button without words"] * sum(not "".join(words).strip() for words in self._buttons)
        return found

    def _is_labelled(self, given: dict[str, str]) -> bool:
        named_by = given.get("aria-labelledby", "").split()
        by_others = bool(named_by) and all(one in self.ids for one in named_by)
        return bool(given.get("aria-label")) or by_others or given.get("id", "") in self._labels_for
