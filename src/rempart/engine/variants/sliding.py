"""PDQ of hundreds of windows of one grey picture, at the price of a few.

Everything before the bits is linear: blur, decimation and cosine transform along one axis are one table of 16 × length, and
windows of one height and one place share the product along that axis. Sums are taken in another order than the reference's, so
a bit of a few hundred may differ, which is nothing beside a window's displacement.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from rempart.engine.pdq.arithmetic import SIDE, Plane, centres, cosines, window
from rempart.engine.variants.boxes import Sliding
from rempart.engine.variants.plane import Grey

COLUMNS = 16  # in one product: so small a one starts no threads, which would be in the way of the caller's
KEPT_OPERATORS = 512  # tables of 16 × length, 50 kB at most


def sliding_frequencies(grey: Grey, sliding: Sliding) -> Plane:
    """Frequencies of every place of this window: shape (places across × places down, 16, 16), the places down varying fastest."""
    down, across = operator(sliding.height), operator(sliding.width)
    blocks = _blocks(grey)
    strips = np.stack([_side_by_side(down @ blocks[:, top : top + sliding.height]) for top in sliding.tops])
    columns = [strips[:, :, left : left + sliding.width] @ across.T for left in sliding.lefts]
    return np.concatenate(columns)


def _blocks(grey: Grey) -> Plane:
    """Cut into blocks of columns: shape (blocks, height, COLUMNS), zeros after the last column."""
    height, width = grey.shape
    count = -(-width // COLUMNS)
    luma = np.zeros((height, count * COLUMNS), np.float32)
    luma[:, :width] = grey
    return np.ascontiguousarray(luma.reshape(height, count, COLUMNS).transpose(1, 0, 2))


def _side_by_side(blocks: Plane) -> Plane:
    return blocks.transpose(1, 0, 2).reshape(blocks.shape[1], -1)


@lru_cache(maxsize=KEPT_OPERATORS)
def operator(length: int) -> Plane:
    """From ``length`` pixels of a line to its 16 lowest frequencies, shape (16, length): filtered twice, sampled, transformed."""
    made: Plane = np.einsum("fs,sp->fp", cosines(), _twice_filtered(length))
    made.setflags(write=False)  # it is shared
    return made


def _twice_filtered(length: int) -> Plane:
    """Shape (64, length): with which weight each pixel counts in each sample, after two running means of what there is."""
    width = window(length)
    behind = width - (width + 2) // 2
    reach = np.arange(-behind, width - behind)
    once = centres(length)[:, None] + reach
    twice = once[:, :, None] + reach
    is_once, is_twice = (once >= 0) & (once < length), (twice >= 0) & (twice < length)
    weight = 1 / np.count_nonzero(is_once, axis=1)[:, None, None] / np.maximum(np.count_nonzero(is_twice, axis=2), 1)[:, :, None]
    counted = is_once[:, :, None] & is_twice
    table = np.zeros((SIDE, length), np.float32)
    np.add.at(table, (np.nonzero(counted)[0], twice[counted]), np.broadcast_to(weight, twice.shape)[counted])
    return table
