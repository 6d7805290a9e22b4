"""What a file is, by its first bytes: a picture, a video, or neither. Names are not believed."""

from __future__ import annotations

from enum import StrEnum

HEAD = 4096  # bytes that are looked at
TS_PACKETS = (188, 192, 204)  # bytes: plain, with a time before each, with a correction after each

PICTURES = (
    b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+",
    b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51",
)  # fmt: skip
PICTURE_BRANDS = {
    b"avif", b"avis", b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1",
}  # fmt: skip
SOUND_BRANDS = {b"M4A ", b"M4B ", b"F4A ", b"F4B "}
VIDEOS = (
    b"\x1aE\xdf\xa3", b"FLV\x01", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", b"OggS", b"\0\0\x01\xba", b"\0\0\x01\xb3", b"DKIF",
    b".RMF", b"\x06\x0e\x2b\x34\x02\x05\x01\x01", b"YUV4MPEG2", b"\0\0\0\x01\x67", b"\0\0\0\x01\x40",
    b"\0\0\0\x01\x09", b"\0\0\x01\x67",
)  # fmt: skip
BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


class Kind(StrEnum):
    """What a file is taken for."""

    PICTURE = "picture"
    VIDEO = "video"
    OTHER = "other"


def kind_of(head: bytes) -> Kind:
    """``head``: the first bytes of a file, ``HEAD`` of them or all there are."""
    if head.startswith(PICTURES) or _is_netpbm(head) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or _is_bmp(head):
        return Kind.PICTURE
    if head[4:8] == b"ftyp":
        return _kind_of_boxes(head[8:12])
    if head.startswith(VIDEOS) or head[4:8] in BOXES or (head[:4] == b"RIFF" and head[8:12] == b"AVI ") or _is_broadcast(head):
        return Kind.VIDEO
    return Kind.OTHER


def _kind_of_boxes(brand: bytes) -> Kind:
    """By what the file says it is above all; what it says it is besides would let a video pass for a picture."""
    if brand in SOUND_BRANDS:
        return Kind.OTHER
    return Kind.PICTURE if brand in PICTURE_BRANDS else Kind.VIDEO


def _is_netpbm(head: bytes) -> bool:
    return head[:1] == b"P" and head[1:2] in (b"1", b"2", b"3", b"4", b"5", b"6") and head[2:3].isspace()


def _is_bmp(head: bytes) -> bool:
    """Two letters are few: the length of its second header is looked at too."""
    return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124)


def _is_broadcast(head: bytes) -> bool:
    """MPEG-TS: the sign that begins each packet, five times in a row."""
    starts = ((start, step) for start in (0, 4) for step in TS_PACKETS)
    return any(len(head) > start + 4 * step and head[start : start + 5 * step : step] == b"G" * 5 for start, step in starts)
