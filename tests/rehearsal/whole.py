"""A whole rehearsal in processes of its own, without its invented past; and what people do there."""

from __future__ import annotations

import http.client
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.project.crash_desk import Desk

RONDE = "ronde.localhost"
TITLE = re.compile("<h1>(.*)</h1>")
PATIENCE = 60.0


@contextmanager
def rehearsal(folder: Path) -> Iterator[Desk]:
    """Everything runs, and the platform has read the lists."""
    desk = Desk.at(folder, "")
    try:
        desk.start()
        until(lambda: has_read(desk))
        yield desk
    finally:
        if desk.process is not None and desk.process.poll() is None:
            desk.stop()


def until(is_so: Callable[[], bool]) -> float:
    """Waits for it; returns how many seconds that took, and judges nothing."""
    begun = time.monotonic()
    while not is_so():
        assert time.monotonic() - begun < PATIENCE, "it is not so after all that time"
        time.sleep(0.1)
    return time.monotonic() - begun


def has_read(desk: Desk) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", int(desk.environment["REMPART_REHEARSAL_MATCHER_PORT"]), timeout=10)
    try:
        connection.request("GET", "/readyz")
        return bool(json.loads(connection.getresponse().read())["ready"])
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def ask(desk: Desk, host: str, path: str, form: dict[str, str] | None = None) -> tuple[http.client.HTTPResponse, bytes]:
    """A browser at a site of the invented world."""
    named = f"{host}:{desk.environment['REMPART_REHEARSAL_PORT']}"
    headers = {"Host": named, "Origin": f"http://{named}", "Accept-Language": "en"}
    connection = http.client.HTTPConnection("127.0.0.1", int(desk.environment["REMPART_REHEARSAL_PORT"]), timeout=30)
    try:
        if form is None:
            connection.request("GET", path, headers=headers)
        else:
            connection.request("POST", path, urlencode(form), {**headers, "Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def posts(desk: Desk, change: str) -> str:
    """Post the drawing saved last, changed; where the site says what became of it."""
    answer, _ = ask(desk, RONDE, "/photos/post", {"copy": change})
    assert answer.status == 303, answer.status
    return str(answer.headers["Location"])


def reads(desk: Desk, path: str) -> str:
    """The title of a page of the site."""
    found = TITLE.search(ask(desk, RONDE, path)[1].decode())
    assert found is not None
    return found[1]
