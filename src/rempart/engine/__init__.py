"""The engine: fingerprints of pictures and video, and exact search over them. No network, no framework, no clock.

What is named in ``__all__`` is what other software may rely on. From a file to fingerprints: ``fingerprint_file`` and
``fingerprint_video``; from pixels: ``bank_views``, ``query_views`` and ``rempart.engine.pdq``. To search: ``ExactIndex`` in
memory, ``IndexStore`` in a folder, and ``LinearIndex``, the specification of both. Every refusal is an ``EngineError`` whose
text is a sentence.

Each part is read when it is first asked for: who only searches never loads a decoder of pictures.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rempart.engine.degenerate import Audit, audit, degeneracy, is_degenerate, is_degenerate_many
    from rempart.engine.errors import (
        EngineError,
        IndexBusy,
        IndexDamaged,
        IndexExists,
        IndexNotFound,
        NotAFingerprint,
        PartMissing,
        RadiusRefused,
        UnreadablePicture,
        UnreadableVideo,
    )
    from rempart.engine.files import FileDigests, FileFingerprints, digest_file, fingerprint_file
    from rempart.engine.fingerprint import Md5, Pdq, PdqFingerprint, Pipeline, Sha256
    from rempart.engine.index.exact import ExactIndex
    from rempart.engine.index.interface import USUAL_RADIUS, WIDEST_RADIUS, HashArray, Index, KeyArray, Match, Matches, rows_of
    from rempart.engine.index.linear import LinearIndex
    from rempart.engine.index.store import IndexInfo, IndexStore
    from rempart.engine.index.writer import IndexWriter
    from rempart.engine.native.library import Kernel, best_kernel, describe
    from rempart.engine.pdq import Turn, drift_at_most
    from rempart.engine.picture import Limits, Picture, Pixels, open_picture
    from rempart.engine.variants import Views, bank_variants, bank_views, query_variants, query_views
    from rempart.engine.video import (
        FingerprintedVideo,
        FoundVideo,
        VideoFingerprint,
        VideoFrame,
        VideoMatch,
        fingerprint_video,
        match_in_index,
        match_videos,
    )

_PARTS = {
    "degenerate": "Audit audit degeneracy is_degenerate is_degenerate_many",
    "errors": "EngineError IndexBusy IndexDamaged IndexExists IndexNotFound NotAFingerprint PartMissing RadiusRefused "
    "UnreadablePicture UnreadableVideo",
    "files": "FileDigests FileFingerprints digest_file fingerprint_file",
    "fingerprint": "Md5 Pdq PdqFingerprint Pipeline Sha256",
    "index.exact": "ExactIndex",
    "index.interface": "USUAL_RADIUS WIDEST_RADIUS HashArray Index KeyArray Match Matches rows_of",
    "index.linear": "LinearIndex",
    "index.store": "IndexInfo IndexStore",
    "index.writer": "IndexWriter",
    "native.library": "Kernel best_kernel describe",
    "pdq": "Turn drift_at_most",
    "picture": "Limits Picture Pixels open_picture",
    "variants": "Views bank_variants bank_views query_variants query_views",
    "video": "FingerprintedVideo FoundVideo VideoFingerprint VideoFrame VideoMatch fingerprint_video match_in_index match_videos",
}
_HOMES = {name: part for part, names in _PARTS.items() for name in names.split()}

__all__ = [
    "USUAL_RADIUS",
    "WIDEST_RADIUS",
    "Audit",
    "EngineError",
    "ExactIndex",
    "FileDigests",
    "FileFingerprints",
    "FingerprintedVideo",
    "FoundVideo",
    "HashArray",
    "Index",
    "IndexBusy",
    "IndexDamaged",
    "IndexExists",
    "IndexInfo",
    "IndexNotFound",
    "IndexStore",
    "IndexWriter",
    "Kernel",
    "KeyArray",
    "Limits",
    "LinearIndex",
    "Match",
    "Matches",
    "Md5",
    "NotAFingerprint",
    "PartMissing",
    "Pdq",
    "PdqFingerprint",
    "Picture",
    "Pipeline",
    "Pixels",
    "RadiusRefused",
    "Sha256",
    "Turn",
    "UnreadablePicture",
    "UnreadableVideo",
    "VideoFingerprint",
    "VideoFrame",
    "VideoMatch",
    "Views",
    "audit",
    "bank_variants",
    "bank_views",
    "best_kernel",
    "degeneracy",
    "describe",
    "digest_file",
    "drift_at_most",
    "fingerprint_file",
    "fingerprint_video",
    "is_degenerate",
    "is_degenerate_many",
    "match_in_index",
    "match_videos",
    "open_picture",
    "query_variants",
    "query_views",
    "rows_of",
]


def __getattr__(name: str) -> Any:
    """Read the part that a name belongs to, the first time it is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
