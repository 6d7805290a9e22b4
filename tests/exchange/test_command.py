"""The unmodified ``threatexchange`` command with our extension: it is pointed at a list by its address, and what the list
takes back leaves it. In three time zones, since the library writes its clock's time and calls it UTC.
"""

from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest

from tests.exchange.double import Shown, desk
from tests.exchange.platform import Platform

pytestmark = pytest.mark.slow

ONE = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
TWO = "0e3cf7f35e1c1e6e93d1ce28a3a3d6d6f1f1b1a7a5c5c2d2e8e8f7f700ff12ab"
THREE = "9c151c3af838278e3ef57c180c7d031c07aefd12f2ccc1e18f2a1e1c7d0ff163"
FILE = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def shown(name: str, pdq: str, *, ago: int = 3600, **also: str) -> Shown:
    return Shown(name, int(time.time()) - ago, {"pdq": pdq} if pdq else {}, **also)


@pytest.mark.parametrize("time_zone", ["UTC", "Europe/Paris", "America/New_York"])
def test_what_is_new_arrives_and_what_is_withdrawn_leaves(tmp_path: Path, time_zone: str) -> None:
    platform = Platform(tmp_path, time_zone)
    with desk(shown("a", ONE), shown("b", TWO)) as told:
        platform.connects(told.url)
        platform.does("fetch", "--only-collab", "MINORS")
        assert platform.holds() == {ONE, TWO}
        assert "INVESTIGATION_SEED self_declared" in platform.matches(ONE)
        # Added, and taken back, a moment before the next reading: a wrong clock would look elsewhere.
        told.entries = [shown("a", ONE), shown("b", "", ago=6), shown("c", THREE, ago=6)]
        platform.does("fetch", "--only-collab", "MINORS")
        assert platform.holds() == {ONE, THREE}
        assert platform.matches(TWO) == ""
        assert "MINORS" in platform.matches(THREE)


def test_a_picture_is_found_by_its_look_and_by_its_file(tmp_path: Path) -> None:
    platform = Platform(tmp_path)
    picture = Path(__file__).parents[1] / "data" / "pictures" / "bridge"
    platform.does("config", "extensions", "add", "rempart.exchange")
    of_file = platform.does("hash", "--signal-type", "photo_sha256", "photo", str(picture / "aaa-orig.jpg")).split()[-1]
    of_look = platform.does("hash", "--signal-type", "pdq", "photo", str(picture / "aaa-orig.jpg")).split()[-1]
    both = Shown("a", int(time.time()) - 60, {"pdq": of_look, "sha256": of_file}, classification="confirmed")
    with desk(both, shown("b", TWO)) as told:
        platform.connects(told.url)
        platform.does("fetch", "--only-collab", "MINORS")
    said = platform.does("match", "photo", str(picture / "aaa-orig.jpg"))
    assert "pdq" in said
    assert "photo_sha256" in said
    assert "POSITIVE_CLASS confirmed" in said
    said = platform.does("match", "photo", str(picture / "high-saturation.jpg"))
    assert "pdq" in said
    assert "photo_sha256" not in said


def test_a_machine_can_keep_only_what_is_confirmed(tmp_path: Path) -> None:
    platform = Platform(tmp_path)
    with desk(shown("a", ONE, classification="confirmed"), shown("b", TWO)) as told:
        platform.connects(told.url, "MINORS", "--only-classifications", "confirmed")
        platform.does("fetch", "--only-collab", "MINORS")
    assert platform.holds() == {ONE}


def test_a_reading_that_is_cut_goes_on(tmp_path: Path) -> None:
    platform = Platform(tmp_path)
    entries = [Shown(f"e{n}", int(time.time()) - 3600, {"pdq": f"{n:064x}"}) for n in range(25)]
    with desk(*entries, page_size=10) as told:
        platform.connects(told.url)
        platform.does("fetch", "--only-collab", "MINORS", "--limit", "10")
        assert len(told.asked) == 1
        platform.does("fetch", "--only-collab", "MINORS")
        assert ["start=" in path for path in told.asked] == [False, True, True, False]
    assert platform.holds() == {f"{n:064x}" for n in range(25)}


def test_what_is_wrong_is_said_and_the_fingerprints_are_in_no_log(tmp_path: Path) -> None:
    platform = Platform(tmp_path, verbosity="2")
    with desk(shown("a", ONE), shown("b", TWO)) as told:
        refused = platform.types("config", "extensions", "add", "rempart.exchange")
        assert refused.returncode == 0
        refused = platform.types("config", "collab", "edit", "rempart", "--create", "--base-url", "http://desk.example/x", "X")
        assert refused.returncode != 0
        assert "The address of a list begins with https://" in refused.stderr
        platform.connects(told.url)
        fetched = platform.types("fetch", "--only-collab", "MINORS")
        assert fetched.returncode == 0
        assert ONE not in fetched.stderr
        platform.secret = "wrong"
        refused = platform.types("fetch", "--only-collab", "MINORS")
        assert refused.returncode == 3
        assert "401" in refused.stderr
        assert "wrong" not in refused.stderr
        told.raw = f'<queryResult><images count="1"><image>{ONE}</image></images></queryResult>'.encode()
        platform.secret = Platform(tmp_path).secret
        refused = platform.types("fetch", "--only-collab", "MINORS")
        assert refused.returncode == 3
        assert "not a list" in refused.stderr
        assert ONE not in refused.stderr


def test_credentials_lie_in_a_file_of_their_own(tmp_path: Path) -> None:
    platform = Platform(tmp_path, user="", secret="")
    kept = tmp_path / ".tx_rempart_credentials"
    with desk(shown("a", ONE), shown("b", TWO)) as told:
        platform.connects(told.url)
        (tmp_path / ".tx_ncmec_credentials").write_text("other:secret")
        missing = platform.types("fetch", "--only-collab", "MINORS")
        assert missing.returncode != 0
        assert "TX_REMPART_CREDENTIALS" in missing.stderr
        kept.write_text(f"{Platform(tmp_path).user}:{Platform(tmp_path).secret}\n")
        kept.chmod(stat.S_IRUSR)
        platform.does("fetch", "--only-collab", "MINORS")
    assert platform.holds() == {ONE, TWO}
