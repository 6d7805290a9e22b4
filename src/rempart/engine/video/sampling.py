"""Which frames of a video are taken. The published rule counts frames; ours adds one where that rule would look away.

Published (Meta's vPDQ): of all decoded frames, numbered from 0, every m-th, with m = ⌊seconds × average frame rate⌋ and at
least 1. A video of 30 frames a second gives frames 0, 30, 60…; one of 29.97 gives 0, 29, 58…, a little before each second.

Ours, in addition: a frame that comes two intervals or more after the last one taken. With a constant rate that never happens.
With a variable one, or a header that lies about the rate, no part of the video goes unseen. What is taken is then more than
the published frames, never less.
"""

from __future__ import annotations

from fractions import Fraction

ASSUMED_RATE = Fraction(25)  # where the file does not say, and no frame has a time
WIDEST_GAP = 2  # intervals


class Sampler:
    """Asked about each decoded frame, in order. ``every``: seconds, 0 for all frames; ``rate``: frames a second, or None."""

    def __init__(self, every: float, rate: Fraction | None) -> None:
        if not 0 <= every <= 86_400:
            raise ValueError("One frame is taken every so many seconds: a number from 0 (all frames) to 86400.")
        self.every = every
        self.rate = rate or ASSUMED_RATE
        self.step = max(1, int(every * float(self.rate)))
        self._last: float | None = None

    def takes(self, number: int, time: float) -> bool:
        """Is the frame with this number (from 0), shown at this time (seconds from the first), one to take?"""
        is_due = number % self.step == 0 or self._last is None or time - self._last >= WIDEST_GAP * self.every
        if is_due:
            self._last = time
        return is_due
