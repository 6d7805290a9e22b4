"""The scene of the journeys: a real desk, a real browser, a real mail server, and hosts invented for the occasion.

Everything runs in this process and on this machine; the clock is the story's own. Nothing is asked of any other machine.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Browser, sync_playwright

from rempart.desk.rehearsal import catcher, server
from rempart.desk.rehearsal.world import World
from tests import cast
from tests.journeys.stage import Stage
from tests.ports import free_port

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the journeys of a module: two Playwrights cannot live in one process at the same time."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    # Playwright keeps an event loop in this thread, and Django would refuse to speak with the database beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield found
        found.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def stage(
    browser: Browser, transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Stage]:
    """A desk with its doors open, in rehearsal: only then may it look at addresses of this machine."""
    clock, world, port, mail_port = cast.Clock(), World(tmp_path), free_port(), free_port()
    monkeypatch.setattr("django.utils.timezone.now", lambda: clock.now)
    monkeypatch.setattr(django_settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(django_settings, "EMAIL_PORT", mail_port)
    address = request.getfixturevalue("live_server").url
    invented = replace(
        django_settings.REMPART,
        is_rehearsal=True,
        public_url=address,
        rehearsal_port=port,
        rehearsal_matcher_port=free_port(),
        neutral_url=f"http://pixels.localhost:{port}/",
        second_reading_one_in=0,
    )
    monkeypatch.setattr(django_settings, "REMPART", invented)
    hosts = server.serve(server.build(tmp_path, invented), port)
    threading.Thread(target=hosts.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    mail = catcher.start(world, mail_port)
    found = Stage(browser, clock, world, address, port)
    try:
        yield found
    finally:
        found.close()
        mail.stop()
        hosts.shutdown()
        hosts.server_close()
