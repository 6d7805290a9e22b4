"""What the engine refuses, each in a sentence a person can act on. No message ever holds a fingerprint."""

from __future__ import annotations


class EngineError(Exception):
    """Anything the engine refuses. ``str(error)`` is a whole sentence, fit to be shown."""


class NotAFingerprint(EngineError, ValueError):
    """What was given is not written as the fingerprint it should be."""


class UnreadablePicture(EngineError):
    """The bytes are no picture, a broken one, or one too big to be opened safely."""


class UnreadableVideo(EngineError):
    """The bytes are no video, or a broken one."""


class PartMissing(EngineError):
    """An optional library is not installed; the sentence names the command that installs it."""


class RadiusRefused(EngineError, ValueError):
    """A distance for which the index's mathematics promises nothing."""


class IndexDamaged(EngineError):
    """A file of an index is not what was written. Nothing was read from it."""


class IndexNotFound(EngineError):
    """There is no index at this path."""


class IndexBusy(EngineError):
    """Another process is writing to this index."""


class IndexExists(EngineError):
    """There is an index at this path already, and nobody said that it may be replaced."""
