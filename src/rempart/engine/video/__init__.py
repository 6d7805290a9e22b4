"""Videos: one PDQ for each second, and the published rule that says whether two videos are the same.

``fingerprint_video`` makes a fingerprint, ``match_videos`` compares two, ``match_in_index`` finds one among millions of frames;
``read_lines``, ``write_lines``, ``read_json`` and ``write_json`` speak with other software. Needs PyAV (``rempart[video]``)
only to make a fingerprint. Source: Meta, vPDQ, 2021 (github.com/facebook/ThreatExchange, folder vpdq).
"""

from rempart.engine.video.fingerprint import FingerprintedVideo, VideoFingerprint, VideoFrame
from rempart.engine.video.making import Progress, fingerprint_video
from rempart.engine.video.matching import FoundVideo, VideoMatch, index_rows, match_in_index, match_videos
from rempart.engine.video.reading import NoMovingPicture
from rempart.engine.video.text import read_json, read_lines, write_json, write_lines

__all__ = [
    "FingerprintedVideo",
    "FoundVideo",
    "NoMovingPicture",
    "Progress",
    "VideoFingerprint",
    "VideoFrame",
    "VideoMatch",
    "fingerprint_video",
    "index_rows",
    "match_in_index",
    "match_videos",
    "read_json",
    "read_lines",
    "write_json",
    "write_lines",
]
