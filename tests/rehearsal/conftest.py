"""The invented world on free ports of 127.0.0.1, in this process."""

from __future__ import annotations

import http.client
import smtplib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings

from rempart.desk.registers.installation.config import Config
from rempart.desk.rehearsal import catcher, server
from rempart.desk.rehearsal.world import World
from tests.ports import free_port


@dataclass
class Invented:
    """Hosts, tour and catcher, as a browser and a mail program meet them."""

    world: World
    config: Config

    def ask(self, host: str, path: str, language: str = "en", method: str = "GET") -> tuple[http.client.HTTPResponse, str]:
        return self._ask(method, host, path, "", {"Accept-Language": language})

    def press(self, host: str, path: str, form: dict[str, str], origin: str | None = None) -> http.client.HTTPResponse:
        own = f"http://{host}:{self.config.rehearsal_port}"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": own if origin is None else origin}
        return self._ask("POST", host, path, urlencode(form), headers)[0]

    def _ask(self, method: str, host: str, path: str, body: str, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.config.rehearsal_port, timeout=10)
        try:
            connection.request(method, path, body, {"Host": f"{host}:{self.config.rehearsal_port}", **headers})
            answer = connection.getresponse()
            return answer, answer.read().decode()
        finally:
            connection.close()

    def mail(self, to: str, text: str) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "desk@phare.localhost", to, "A notice"
        message["Message-ID"] = "<one@phare.localhost>"
        message.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.config.smtp_port, timeout=10) as client:
            client.send_message(message)


@pytest.fixture
def invented(tmp_path: Path) -> Iterator[Invented]:
    config = replace(
        django_settings.REMPART,
        is_rehearsal=True,
        public_url="http://127.0.0.1:18000",
        rehearsal_port=free_port(),
        smtp_port=free_port(),
        rehearsal_matcher_port=free_port(),
        second_reading_one_in=0,
    )
    world = World(tmp_path)
    hosts = server.serve(server.build(tmp_path, config), config.rehearsal_port)
    threading.Thread(target=hosts.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    mail = catcher.start(world, config.smtp_port)
    try:
        yield Invented(world, config)
    finally:
        mail.stop()
        hosts.shutdown()
        hosts.server_close()
