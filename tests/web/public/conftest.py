"""What the tests of the public door stand on: limits that start afresh, and ways to walk through the form."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Browser

from rempart.desk.registers.vault.keyring import Keyring
from rempart.desk.web.public import gates
from tests.web.public.browser import chromium

PAGES = ("", "report/", "case/", "help/", "image/", "pictures/", "about/", "accessibility/", "lists/")
CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){3}-[0-9A-HJKMNP-TV-Z]")


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    gates.REPORTS.forget()
    gates.MESSAGES.forget()
    gates.PROTECTIONS.forget()
    gates.WRONG_CODES.forget()


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """A keyring of its own, for a test in which somebody protects a picture."""
    made = Keyring(tmp_path / "keyring.sqlite3")
    made.make()
    monkeypatch.setattr(settings, "REMPART_KEYRING", made)
    return made


def text_of(answer: HttpResponse) -> str:
    return answer.content.decode()


def code_in(answer: HttpResponse) -> str:
    """The case code a page carries in its hidden field."""
    found = re.search(r'name="code" value="([^"]+)"', text_of(answer))
    assert found, "no case code on this page"
    return found[1]


def hidden(answer: HttpResponse) -> dict[str, str]:
    """The hidden fields of the page's main form, as a browser would send them back."""
    form = re.search(r'<form method="post" id="(?:step|done)".*?</form>', text_of(answer), re.DOTALL)
    assert form, "no form on this page"
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form[0]))


def send_first_step(client: Client, addresses: str = "https://bad.example/1", language: str = "en", **more: str) -> HttpResponse:
    return client.post(f"/{language}/report/", {"step": "1", "addresses": addresses, **more})


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def neutral(settings: Any) -> Iterator[str]:
    """An ordinary page somewhere else."""

    class Ordinary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>Weather</title><p>Sun.</p>")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Ordinary)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/"
    settings.REMPART = replace(settings.REMPART, neutral_url=address)
    yield address
    server.shutdown()
    server.server_close()
    thread.join()
