"""What makes us doubt, at the very beginning, that something is a private picture. Nobody is accused: a person looks."""

import logging
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from rempart.desk.rules.protection import LEAST_QUALITY, SentFile
from rempart.engine import EngineError, IndexStore, Pdq, is_degenerate, rows_of

logger = logging.getLogger("rempart.bank")

NOTHING_TO_SEE = "nothing_to_see"
DEGENERATE = "degenerate"
WELL_KNOWN = "well_known"
POPULAR = "popular"


def doubt_about(file: SentFile) -> str | None:
    """A stable word: a picture of nothing, of stripes or checks alone, or one that everybody knows. None: no doubt."""
    seen = [one.pdq for one in file.pdqs if one.variant == "whole" and one.quality >= LEAST_QUALITY]
    if not seen:
        return NOTHING_TO_SEE
    if all(map(is_degenerate, seen)):
        return DEGENERATE
    return WELL_KNOWN if _is_well_known(seen) else None


def _is_well_known(pdqs: list[Pdq]) -> bool:
    """Whether half of what is seen resembles pictures of the index of the installation, if there is one."""
    folder: Path | None = settings.REMPART_WELL_KNOWN
    if folder is None:
        return False
    try:
        found = _store(folder).lookup_many(rows_of(pdqs))
    except (EngineError, OSError) as error:
        # The doctor says it too. The protection stands: a person who is afraid does not wait for our disk.
        logger.warning("The index of well-known pictures cannot be read (%s).", type(error).__name__)
        return False
    return 2 * len({question for question, _ in found}) >= len(pdqs)


@lru_cache(maxsize=1)
def _store(folder: Path) -> IndexStore:
    return IndexStore.open(folder)
