"""A desk of its own for a benchmark: keys, keyring, an empty database in a temporary folder; served by gunicorn as real ones."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rempart.desk.registers.lists.models import ListClient

WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Served:
    """Where it answers, the process that answers, and the client of the list of minors that asks."""

    url: str
    client: ListClient
    secret: str
    master: int

    @property
    def ncmec(self) -> str:
        return f"{self.url}/exchange/minors/hashsharing"

    def get(self, path: str, *, basic: bool = False) -> bytes:
        """An answer, whole."""
        request = urllib.request.Request(self.url + path)
        pair = f"{self.client.key_id}:{self.secret}"
        token = f"Basic {base64.b64encode(pair.encode()).decode()}" if basic else f"Bearer {pair.replace(':', '.')}"
        request.add_header("Authorization", token)
        with urllib.request.urlopen(request, timeout=600) as answer:
            body: bytes = answer.read()
        return body

    def page(self, after: str, limit: int) -> Any:
        """A page of our own feed."""
        query = f"limit={limit}" + (f"&after={after}" if after else "")
        return json.loads(self.get(f"/api/v1/lists/minors/entries?{query}"))

    def peak_mib(self) -> float:
        """The most memory that the process that answers ever held."""
        return max(_peak_mib(pid) for pid in _children(self.master))


@contextmanager
def desk() -> Iterator[None]:
    """Point this process to an installation that was not there before; Django is live in it."""
    from tests.installation import installation

    with installation() as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "rempart.desk.project.settings"
        os.environ["REMPART_DATA_FOLDER"] = str(folder / "var")
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        from rempart.desk.registers.installation.steps import found

        found(is_rehearsal=False, now=datetime.now(UTC))
        yield


@contextmanager
def served() -> Iterator[Served]:
    """Serve the desk of this process. Call within :func:`desk`."""
    from tests.ports import free_port

    client, secret = _client()
    port = free_port()
    environment = os.environ | {"REMPART_LISTEN": f"127.0.0.1:{port}"}
    command = [sys.executable, "-m", "gunicorn", "--config", "python:rempart.desk.project.gunicorn_settings"]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url, server)
            yield Served(url, client, secret, server.pid)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _client() -> tuple[ListClient, str]:
    from rempart.desk.registers.directory import steps
    from rempart.desk.registers.directory.entries import Details
    from rempart.desk.registers.directory.models import RecipientKind
    from rempart.desk.registers.lists import clients
    from rempart.desk.registers.lists.clients import Limits
    from rempart.desk.rules.lists import ListName

    now = datetime.now(UTC)
    platform = steps.add_recipient(Details(kind=RecipientKind.PLATFORM, name="Piximi"), by=None, now=now)
    limits = Limits(frozenset({ListName.MINORS}), calls_per_minute=100_000)
    return clients.issue(platform.pk, "benchmark", limits, by=None, now=now)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(WAIT_SECONDS * 10):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/api/v1/openapi.json", timeout=10).close()
            return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError("The desk did not start.")


def _children(master: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]


def _peak_mib(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
