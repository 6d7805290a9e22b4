"""The picture that truth.js knows by heart, made again: blocks of chance colours, stored sideways.

``python -m tests.web.public.image.known`` prints the two lines of truth.js. Blocks of 8 × 8 are all that a JPEG keeps exactly, so
that decoders agree; the seed is one for which noise of two levels does not change a bit of the fingerprint.
"""

from __future__ import annotations

import base64
import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rempart.engine.pdq import pdq

WIDTH, HEIGHT, BLOCK, SEED = 88, 104, 8, 10
SIDEWAYS = 6  # EXIF: to be turned a quarter clockwise to be looked at


def pattern() -> NDArray[np.uint8]:
    """Upright, shape (HEIGHT, WIDTH, 3)."""
    drawn, chance = np.zeros((HEIGHT, WIDTH, 3), np.uint8), SEED
    for y in range(0, HEIGHT, BLOCK):
        for x in range(0, WIDTH, BLOCK):
            for channel in range(3):
                chance = (chance * 1664525 + 1013904223) & 0xFFFFFFFF
                drawn[y : y + BLOCK, x : x + BLOCK, channel] = chance >> 24
    return drawn


def jpeg() -> bytes:
    exif, written = Image.Exif(), io.BytesIO()
    exif[0x0112] = SIDEWAYS
    stored = Image.fromarray(np.ascontiguousarray(np.rot90(pattern())))
    stored.save(written, "JPEG", quality=90, subsampling=0, optimize=True, exif=exif.tobytes())
    return written.getvalue()


def fingerprint(data: bytes) -> str:
    """PDQ in hexadecimal, of the upright pixels."""
    stored = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    return pdq(np.ascontiguousarray(np.rot90(stored, -1))).pdq.value.hex()


if __name__ == "__main__":
    print(f'const KNOWN_JPEG = "{base64.b64encode(jpeg()).decode()}";\nconst KNOWN_PDQ = "{fingerprint(jpeg())}";')
