"""Forms of *protect my image* as a browser would send them."""

from __future__ import annotations

import html
import json
import re
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.test import Client

URLENCODED = "application/x-www-form-urlencoded"
MAIN = re.compile(r"<main\b.*</main>", re.DOTALL)
FORM = re.compile(r'<form method="post" id="(?:door|choose-form|done)".*?</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)"(?: id="\w+")? value="([^"]*)"')


def a_file(number: int, kind: str = "picture") -> dict[str, Any]:
    """One file of the message, told from others by its number."""
    digest = sha256(b"%d" % number).hexdigest()
    place = "whole" if kind == "picture" else 0
    return {"kind": kind, "sha256": digest, "pdqs": [[sha256(digest.encode()).hexdigest(), 100, place]]}


def message(*files: dict[str, Any]) -> str:
    """What the frame writes."""
    return json.dumps({"shape": 1, "files": list(files)}, separators=(",", ":"))


ONE, TWO = message(a_file(1)), message(a_file(1), a_file(2))


def main_of(answer: Any) -> str:
    """The page without what stands around it, and what a screen shows of it: no frame, no trap."""
    found = MAIN.search(answer.content.decode())
    assert found
    return html.unescape(re.sub(r'srcdoc="[^"]*"|<div class="not-for-people".*?</div>', "", found[0], flags=re.DOTALL))


def frame_of(answer: Any) -> str:
    found = re.search(r'srcdoc="([^"]*)"', answer.content.decode())
    return html.unescape(found[1]) if found else ""


def hidden_fields(answer: Any) -> dict[str, list[str]]:
    """Of the page's form: a name may be there several times."""
    found = FORM.search(answer.content.decode())
    assert found, "no form on this page"
    fields: dict[str, list[str]] = {}
    for name, value in HIDDEN.findall(found[0]):
        fields.setdefault(name, []).append(html.unescape(value))
    return fields


def post(client: Client, fields: dict[str, Any], language: str = "en", **more: Any) -> Any:
    """As a browser does: in one text, but where a file comes along."""
    fields = {**fields, **more}
    if any(hasattr(value, "read") for value in fields.values()):
        return client.post(f"/{language}/image/", fields)
    return client.post(f"/{language}/image/", urlencode(fields, doseq=True), content_type=URLENCODED)


def choose_page(client: Client, language: str = "en", age: str = "13_15", helper: str = "nobody", **more: Any) -> Any:
    """The second page."""
    door = client.get(f"/{language}/image/")
    return post(client, hidden_fields(door), language, action="begin", age=age, helper=helper, **more)


def sending(shown: Any, *texts: str, **more: Any) -> dict[str, Any]:
    """The second page's form, with what the frame made."""
    fields = hidden_fields(shown)
    fields["sent"] = [*(text for text in fields["sent"] if text), *texts]
    return {**fields, "action": "send", **more}


def protected(client: Client, *texts: str, language: str = "en", **more: Any) -> Any:
    """The last page."""
    return post(client, sending(choose_page(client, language), *texts, **more), language)
