"""HMA itself reads the desk, connected by the block that the client's page prints; what is withdrawn leaves its bank.

HMA is on no package index, so this is not one of the suite's tests: REMPART_TEST_HMA names its folder
(``hasher-matcher-actioner`` of facebook/ThreatExchange; tried with commit baefb4ed), REMPART_TEST_HMA_PYTHON a Python that has
what it needs, then ``pytest tests/exchange/with_hma.py``.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from rempart.desk.registers.lists.connecting import Way, commands
from rempart.desk.rules.lists import ListName
from tests import postgres
from tests.conventions.sources import ROOT
from tests.exchange.people import withdraw
from tests.ports import free_port
from tests.project.commands import clean_environment, make_database
from tests.registers.bank.pictures import pdq, protect, sha256
from tests.registers.lists import made

FOLDER, PYTHON = os.environ.get("REMPART_TEST_HMA", ""), os.environ.get("REMPART_TEST_HMA_PYTHON", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.django_db(transaction=True),
]

CONFIG = """
import os
from OpenMediaMatch.storage.postgres.impl import DefaultOMMStore
from threatexchange.content_type.photo import PhotoContent
from threatexchange.content_type.video import VideoContent
from threatexchange.exchanges.impl.ncmec_api import NCMECSignalExchangeAPI
from threatexchange.signal_type.md5 import VideoMD5Signal
from threatexchange.signal_type.pdq.signal import PdqSignal
from rempart.exchange import PhotoSha256Signal, RempartExchangeAPI

DATABASE_URI = os.environ["HMA_DATABASE"]
PRODUCTION = UI_ENABLED = TASK_FETCHER = TASK_INDEXER = TASK_INDEX_CACHE = False
ROLE_HASHER = ROLE_MATCHER = ROLE_CURATOR = True
STORAGE_IFACE_INSTANCE = DefaultOMMStore(
    signal_types=[PdqSignal, VideoMD5Signal, PhotoSha256Signal],
    content_types=[PhotoContent, VideoContent],
    exchange_types=[NCMECSignalExchangeAPI, RempartExchangeAPI],
)
"""


@dataclass
class Hma:
    """An HMA of the platform's own."""

    environment: dict[str, str]
    port: int

    def command(self, *words: str) -> list[str]:
        return [str(PYTHON), "-m", "flask", "--app", "OpenMediaMatch.app", *words]

    def does(self, *words: str, **more: str) -> None:
        environment = {**self.environment, **more}
        done = subprocess.run(self.command(*words), env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr

    def reads(self) -> None:
        self.does("fetch")
        self.does("build_indices")

    def finds(self, kind: str, signal: str) -> list[Any]:
        address = f"http://127.0.0.1:{self.port}/m/raw_lookup?signal_type={kind}&signal={signal}"
        with urllib.request.urlopen(address) as answer:
            found: list[Any] = json.load(answer)["matches"]
        return found

    def is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/status/live"):
                return True
        except OSError:
            return False


@contextmanager
def hma(folder: Path) -> Iterator[Hma]:
    """It runs while the block lasts."""
    config = folder / "omm_config.py"
    config.write_text(CONFIG)
    with postgres.private_cluster() as socket:
        make_database(socket, "hma")
        environment = clean_environment(
            OMM_CONFIG=str(config),
            HMA_DATABASE=f"postgresql+psycopg2://{postgres.USER}@/hma?host={socket}",
            PYTHONPATH=f"{FOLDER}/src:{ROOT}/src",
            PYTHONWARNINGS="ignore",
        )
        one = Hma(environment, free_port())
        one.does("db", "upgrade", "--directory", f"{FOLDER}/src/OpenMediaMatch/migrations", MIGRATION_COMMAND="1")
        server = subprocess.Popen(
            one.command("run", "--port", str(one.port)), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            while not one.is_up():
                assert server.poll() is None
                time.sleep(0.2)
            yield one
        finally:
            server.terminate()
            server.wait()


def test_connected_matched_withdrawn(live_server: LiveServer, tmp_path: Path) -> None:
    protect("a", now=timezone.now())
    _, (second,) = protect("b", now=timezone.now())
    client, secret = made.client()
    found = commands(live_server.url, client.key_id, "Les Phares", [ListName.MINORS], holds_lists=True)
    block = next(one.text for one in found if one.way is Way.HMA)
    with hma(tmp_path) as platform:
        typed = block.replace("http://127.0.0.1:5100", f"http://127.0.0.1:{platform.port}")
        done = subprocess.run(
            ["bash", "-c", "set -eu\n" + typed], input=secret + "\n", text=True, capture_output=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        platform.reads()
        assert platform.finds("pdq", pdq("b mirror").hex())
        assert platform.finds("photo_sha256", sha256("b").hex())
        withdraw(second)
        platform.reads()
        assert platform.finds("pdq", pdq("a whole").hex())
        assert not platform.finds("pdq", pdq("b mirror").hex())
        assert not platform.finds("photo_sha256", sha256("b").hex())
