"""Many threads at once: the same pixels and the same fingerprints as one after the other."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor

from rempart.engine.files import fingerprint_file, pdq_of_file
from rempart.engine.fingerprint import Pipeline
from tests.engine import drawn


def test_threads_do_not_disturb_each_other() -> None:
    kinds = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF")
    files = [drawn.as_file(drawn.waves(90 + seed, 120, seed), kinds[seed % len(kinds)]) for seed in range(24)]
    before = list(warnings.filters)
    alone = [fingerprint_file(data, pipelines=tuple(Pipeline), is_dihedral=True) for data in files]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda data: fingerprint_file(data, pipelines=tuple(Pipeline), is_dihedral=True), files * 4))
        single = list(pool.map(pdq_of_file, files * 4))
    assert together == alone * 4
    assert single == [found.pdqs[0] for found in alone * 4]
    assert warnings.filters == before
