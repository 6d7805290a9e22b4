"""How much a picture may cost to open, and the sentences for what costs more."""

from __future__ import annotations

from dataclasses import dataclass

from rempart.engine.errors import UnreadablePicture

MOST_SCANS = 128  # a progressive JPEG has a dozen; each is a whole pass over the picture


@dataclass(frozen=True, slots=True)
class Limits:
    """Checked before anything is decoded. ``pixels``: width × height; ``file_bytes``: of the file as it is stored."""

    pixels: int = 200_000_000
    file_bytes: int = 1 << 29

    def check_size(self, width: int, height: int) -> None:
        """Raises UnreadablePicture for a picture of no size, or of too great a one."""
        if width < 1 or height < 1:
            raise UnreadablePicture("This file says that its picture has no width or no height.")
        if width * height > self.pixels:
            raise UnreadablePicture(
                f"This picture says it is {width} × {height} pixels: more than the {self.pixels:,} that are opened safely."
            )

    def check_bytes(self, count: int) -> None:
        """Raises UnreadablePicture for a file that is too long."""
        if count > self.file_bytes:
            raise UnreadablePicture(f"This file is longer than the {self.file_bytes:,} bytes that are opened safely.")


def truncated() -> UnreadablePicture:
    return UnreadablePicture("This picture is cut short: part of the file is missing.")


def broken() -> UnreadablePicture:
    return UnreadablePicture("This picture is broken: its data cannot be decoded.")
