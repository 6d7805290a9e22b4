"""Leave out frames that hardly differ from the last one kept: a still scene is then one frame, not one for each second."""

from __future__ import annotations

from rempart.engine.video.fingerprint import USUAL_QUALITY, VideoFrame


class Pruner:
    """Keeps frames one by one; memory for those kept only. ``within``: bits; None keeps every frame.

    The published rule: a frame at most ``within`` bits from the last one kept is left out. With one exception of ours: a
    frame good enough to be compared is not left out for one that is not, or a clear scene that fades in would be lost.
    """

    def __init__(self, within: int | None) -> None:
        self._within = within
        self.kept: list[VideoFrame] = []
        self.left_out = 0

    def add(self, frame: VideoFrame) -> None:
        """Keep it, or count it as left out."""
        if self._within is not None and self.kept and self._is_near(self.kept[-1], frame, self._within):
            self.left_out += 1
        else:
            self.kept.append(frame)

    @staticmethod
    def _is_near(last: VideoFrame, frame: VideoFrame, within: int) -> bool:
        is_better = last.quality < USUAL_QUALITY <= frame.quality
        return not is_better and last.pdq.distance(frame.pdq) <= within
