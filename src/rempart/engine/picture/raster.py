"""From a picture as Pillow holds it, in any of its modes, to the array that is fingerprinted.

The rule is that of ``Image.convert("RGB")``: transparency is left out, not painted over, and colour profiles are not applied.
Grey of 16 bits keeps its upper 8, where Pillow cuts all above 255 to white. What is grey stays one plane. ``threatexchange``
does the same with RGB, RGBA, L and LA; of palettes and CMYK it fingerprints the numbers, where here it is the colours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

GREY = {"1", "L", "LA", "La"}
SIXTEEN_BITS = {"I;16", "I;16L", "I;16B", "I;16N"}


def array_of(image: Image.Image) -> NDArray[np.uint8]:
    """Shape (height, width, 3) or (height, width). Decodes if that was not done yet, and raises whatever Pillow raises."""
    image.load()
    image.info.pop("transparency", None)
    if image.mode in GREY:
        return np.asarray(image if image.mode == "L" else image.convert("L"))
    if image.mode in SIXTEEN_BITS or (image.mode == "I" and image.format == "PPM"):
        return (np.asarray(image) >> 8).astype(np.uint8)
    if image.mode in ("I", "F"):
        return np.asarray(image.convert("L"))
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
