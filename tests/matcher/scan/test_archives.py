"""Archives, also those that were made to do harm."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import resource
import struct
import tarfile
import zipfile
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.engine.commands.kinds import HEAD
from rempart.matcher.scan import archives, unpacking
from rempart.matcher.scan.archives import Archive, is_archive
from rempart.matcher.scan.opening import Refused
from rempart.matcher.scan.pieces import Reason
from rempart.matcher.scan.scanning import MEMBERS_AT_ONCE
from tests.matcher.scan.stored import asked, jpeg, only, scanned, tarred, told, zipped

MEMBERS = {"a.jpg": jpeg(1), "b.jpg": jpeg(), "note.txt": b"nothing"}
BOMB = zipped({"zeros.bmp": b"BM" + bytes(12) + b"\x28\0\0\0" + bytes(50_000_000)})


def in_memory(data: bytes) -> Archive:
    return Archive(io.BytesIO(data), len(data))


def seen(data: bytes) -> list[tuple[int, str, str]]:
    return [(one.number, one.name, str(one.reason or ("data" if one.data else "-"))) for one in in_memory(data).members()]


@pytest.mark.parametrize(
    "data",
    [zipped(MEMBERS), tarred(MEMBERS), tarred(MEMBERS, "w:gz"), tarred(MEMBERS, "w:bz2"), tarred(MEMBERS, "w:xz")],
    ids=["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"],
)
def test_every_kind_gives_the_same_members(data: bytes, tmp_path: Path) -> None:
    assert is_archive(data[:HEAD])
    assert seen(data) == [(0, "a.jpg", "data"), (1, "b.jpg", "data"), (2, "note.txt", "-")]
    assert in_memory(data).count() == 3
    assert [one.name for one in in_memory(data).members(1, 2)] == ["b.jpg"]
    (tmp_path / "stored").write_bytes(data)
    result = scanned(tmp_path / "stored", asked(tmp_path))
    assert told(result) == [("b.jpg", "listed")]
    assert result.counts["members"] == 3
    assert result.counts["passed_over"] == 1


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_one_packed_file_is_looked_at_too(pack: object, tmp_path: Path) -> None:
    (tmp_path / "b.jpg.packed").write_bytes(pack(jpeg()) + pack(b""))  # type: ignore[operator]
    assert told(scanned(tmp_path / "b.jpg.packed", asked(tmp_path))) == [("", "listed")]


def test_a_large_archive_is_cut_in_pieces_with_the_same_result(tmp_path: Path) -> None:
    members = {f"{number:03}.jpg": jpeg(7 if number % 50 == 0 else 1) for number in range(MEMBERS_AT_ONCE * 2 + 5)}
    for name, data in (("zip", zipped(members)), ("tar", tarred(members))):
        (tmp_path / name).write_bytes(data)
        result = scanned(tmp_path / name, asked(tmp_path))
        assert len(result.further) == 3
        assert told(result) == [("000.jpg", "listed"), ("050.jpg", "listed"), ("100.jpg", "listed")]
        assert (result.counts["files"], result.counts["archives"], result.counts["members"]) == (1, 1, len(members))


def test_names_are_only_text(tmp_path: Path) -> None:
    names = ["../../../outside.jpg", "/etc/absolute.jpg", "a\nb.jpg", "=1+1.jpg", "x" * 60_000 + ".jpg"]
    data = zipped(dict.fromkeys(names, jpeg()))
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "stored.zip").write_bytes(data)
    before = {path for path in tmp_path.rglob("*") if "shelf" not in path.parts}
    result = scanned(tmp_path / "inner" / "stored.zip", asked(tmp_path))
    assert [entry for _, entry in told(result)] == ["listed"] * 5
    assert all(len(member) <= 4_096 for member, _ in told(result))
    assert {path for path in tmp_path.rglob("*") if "shelf" not in path.relative_to(tmp_path).parts} == before


def test_archives_in_archives_to_a_small_depth(tmp_path: Path) -> None:
    two = zipped({"b.jpg": jpeg(), "c.jpg": jpeg(1)})
    three = tarred({"two.zip": two, "a.jpg": jpeg(1)}, "w:gz")
    four = zipped({"three.tgz": three})
    (tmp_path / "three").write_bytes(zipped({"three.tgz": three, "z.jpg": jpeg()}))
    assert told(scanned(tmp_path / "three", asked(tmp_path))) == [("three.tgz/two.zip/b.jpg", "listed"), ("z.jpg", "listed")]
    (tmp_path / "four").write_bytes(zipped({"four.zip": four}))
    assert told(scanned(tmp_path / "four", asked(tmp_path))) == [("four.zip/three.tgz/two.zip", "too_deep")]


def test_a_bomb_is_refused_and_costs_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_MEMBER", 1_000_000)
    (tmp_path / "one").write_bytes(BOMB)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert told(scanned(tmp_path / "one", asked(tmp_path))) == [("zeros.bmp", "too_large")]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # kB


def test_much_that_unpacks_to_very_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "SPARE", 1_000_000)
    member = b"BM" + bytes(12) + b"\x28\0\0\0" + bytes(300_000)
    data = zipped({f"{number:03}": member for number in range(300)})
    (tmp_path / "many").write_bytes(data)
    assert "bomb" in {reason for _, reason in told(scanned(tmp_path / "many", asked(tmp_path)))}
    (tmp_path / "packed").write_bytes(gzip.compress(b"BM" + bytes(12) + b"\x28\0\0\0" + bytes(50_000_000)))
    assert told(scanned(tmp_path / "packed", asked(tmp_path))) == [("", "bomb"), ("", "bomb")]


def test_a_zip_whose_members_lie_in_each_other_is_refused(tmp_path: Path) -> None:
    data = zipped({"a.jpg": jpeg(1)}, zipfile.ZIP_STORED)
    at = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    directory = data[at:end] * 20
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 20, 20, len(directory), at, 0)
    (tmp_path / "overlapping.zip").write_bytes(data[:at] + directory + tail)
    assert told(scanned(tmp_path / "overlapping.zip", asked(tmp_path))) == [("", "bomb")]


def test_what_is_locked_or_packed_otherwise_is_told(tmp_path: Path) -> None:
    data = bytearray(zipped({"secret.jpg": jpeg(), "open.jpg": jpeg()}, zipfile.ZIP_STORED))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "locked.zip").write_bytes(data)
    (tmp_path / "xz.zip").write_bytes(zipped({"a.jpg": jpeg()}, zipfile.ZIP_LZMA))
    (tmp_path / "a.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(50))
    asking = asked(tmp_path)
    assert told(scanned(tmp_path / "locked.zip", asking)) == [("secret.jpg", "encrypted"), ("open.jpg", "listed")]
    assert told(scanned(tmp_path / "xz.zip", asking)) == [("a.jpg", "unsupported")]
    assert only(scanned(tmp_path / "a.7z", asking)).reason == "unsupported"


def test_a_tar_of_links_and_devices_gives_only_its_files(tmp_path: Path) -> None:
    others = []
    for number, kind in enumerate((tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE)):
        one = tarfile.TarInfo(f"other-{number}")
        one.type, one.linkname = kind, "/etc/passwd"
        others.append(one)
    (tmp_path / "a.tar").write_bytes(tarred({"b.jpg": jpeg()}, others=others))
    assert told(scanned(tmp_path / "a.tar", asked(tmp_path))) == [("b.jpg", "listed")]


def test_remarks_of_gigabytes_in_a_tar_are_not_read() -> None:
    header = tarfile.TarInfo("remarks")
    header.type, header.size = tarfile.XHDTYPE, 1 << 32
    with pytest.raises(Refused) as refused:
        list(in_memory(header.tobuf(tarfile.USTAR_FORMAT) + bytes(10_000)).members())
    assert refused.value.reason is Reason.BOMB


@pytest.mark.parametrize("has_remark", [False, True])
@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_tar_that_leads_back_to_its_beginning_ends(has_remark: bool, mode: str) -> None:
    """A member of minus so many bytes: the next one would be the one before."""
    header = bytearray(tarfile.TarInfo("a.jpg").tobuf(tarfile.USTAR_FORMAT))
    if has_remark:
        header = bytearray(tarfile.TarInfo.create_pax_global_header({"size": "-1536"}))
        header[156:157] = tarfile.XHDTYPE
        header += tarfile.TarInfo("a.jpg").tobuf(tarfile.USTAR_FORMAT)
    else:
        header[124:136] = b"\xff" * 10 + b"\xfc\x00"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    data = bytes(header) + tarred(MEMBERS)
    with pytest.raises(Refused) as refused:
        list(islice(in_memory(data if mode == "w" else gzip.compress(data)).members(), 10))
    assert refused.value.reason is Reason.DAMAGED


def test_of_a_damaged_archive_what_can_be_read_is(tmp_path: Path) -> None:
    whole = tarred({"b.jpg": jpeg(), **{f"{number}.jpg": jpeg(number + 20) for number in range(40)}}, "w:gz")
    (tmp_path / "cut.tgz").write_bytes(whole[: len(whole) // 2])
    found = told(scanned(tmp_path / "cut.tgz", asked(tmp_path)))
    assert found[:2] == [("", "damaged"), ("b.jpg", "listed")]
    plain = tarred({"b.jpg": jpeg(), "c.jpg": jpeg(2)})
    (tmp_path / "cut.tar").write_bytes(plain[: len(jpeg()) + 1200])
    assert ("b.jpg", "listed") in told(scanned(tmp_path / "cut.tar", asked(tmp_path)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from([zipped(MEMBERS), tarred(MEMBERS), tarred(MEMBERS, "w:gz"), tarred(MEMBERS, "w:xz")]),
    changes=st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=8),
    cut=st.integers(0, 1 << 14),
)
def test_whatever_is_changed_in_an_archive_it_is_read_or_refused(kind: bytes, changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(kind)
    for at, value in changes:
        data[at % len(data)] = value
    data = data[: len(data) - cut % len(data)]
    if is_archive(bytes(data[:HEAD])):
        try:
            names = [one.name for one in in_memory(bytes(data)).members()]
        except Refused:
            return
        assert len(names) < 100
