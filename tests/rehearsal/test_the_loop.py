"""The whole loop, without a browser: desk, matcher and platform are the processes of `rempart desk run --rehearsal`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.project.crash_desk import Desk
from tests.project.test_run import reset, wait_for
from tests.rehearsal.whole import ask, has_read, posts, reads, rehearsal, until

pytestmark = pytest.mark.slow

REFUSED, HELD, PUBLISHED = "We did not publish this picture", "A person looks first", "It is published"
PROTECT = """
import io, json
from datetime import UTC, datetime
import numpy as np
from PIL import Image
from rempart.desk.rehearsal.copies import Change, file_of
from rempart.desk.rules.protection import Age, Helper, Kind, SentFile, SentPdq, Submission
from rempart.desk.stages.intake import protecting
from rempart.engine import Pdq, bank_views
from rempart.engine.files import digest
content = file_of({number}, Change.SAME).content
views = bank_views(np.asarray(Image.open(io.BytesIO(content)).convert("RGB")))
rows = zip(views.names, views.hashes, views.qualities.tolist(), strict=True)
pdqs = tuple(SentPdq(Pdq(row.tobytes()), quality, name) for name, row, quality in rows)
file = SentFile(Kind.PICTURE, digest(content).sha256, pdqs)
now = datetime.now(UTC)
receipt = protecting.protect(Submission((file,), Age.FROM_13_TO_15, Helper.NOBODY, False, "en"), now=now, code=None)
print(json.dumps(str(receipt.code)))
"""
CASE = """
import json
from datetime import UTC, datetime
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.code import CaseCode
from rempart.desk.stages.intake import protecting
keys = sealing.case_keys({code})
(one,) = protecting.protections_of(keys)
"""
READ = "print(json.dumps([[m.platform, m.count, m.vote, m.is_under_review] for m in one.matches]))"
WITHDRAW = "protecting.withdraw(keys, [one.pk], now=datetime.now(UTC))"


def test_protected_refused_decided_told_withdrawn_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with rehearsal(tmp_path) as desk:
        number = saved(desk)
        assert reads(desk, posts(desk, "same")) == PUBLISHED
        code = desk.python(PROTECT.format(number=number)).strip()
        known = until(lambda: reads(desk, posts(desk, "same")) == REFUSED)
        held = posts(desk, "mirrored")
        assert reads(desk, held) == HELD
        assert reads(desk, posts(desk, "other")) == PUBLISHED
        answer, _ = ask(desk, "ronde.localhost", "/photos/team/decide", {"number": held.rpartition("/")[2], "act": "block"})
        assert answer.headers["Location"] == held
        assert reads(desk, held) == REFUSED
        told = until(lambda: [(who, vote, looks) for who, _, vote, looks in case(desk, code)] == [("La Ronde", "blocked", False)])
        # Its own people have decided: what looks like it is refused too, from the next reading.
        own = until(lambda: reads(desk, posts(desk, "mirrored")) == REFUSED)
        assert {reads(desk, posts(desk, change)) for change in ("bordered", "captioned", "recompressed")} == {REFUSED}
        desk.python(CASE.format(code=code) + WITHDRAW)
        gone = until(lambda: reads(desk, posts(desk, "same")) == PUBLISHED)
        assert {reads(desk, posts(desk, change)) for change in ("mirrored", "bordered", "captioned")} == {PUBLISHED}
        begins_again(desk)
    with capsys.disabled():
        print(f"\nseconds: refused after protecting {known:.1f}, decision on the case {told:.1f}, ", end="")
        print(f"own decision followed {own:.1f}, published after withdrawing {gone:.1f}")


def begins_again(desk: Desk) -> None:
    """After the reset nothing posted is there, and the matcher has read the lists of the new desk."""
    reset(desk)
    wait_for(desk, "The rehearsal is as on the first day.")
    assert ask(desk, "ronde.localhost", "/photos/1")[0].status == 404
    until(lambda: has_read(desk))
    number = saved(desk)
    desk.python(PROTECT.format(number=number))
    until(lambda: reads(desk, posts(desk, "same")) == REFUSED)


def saved(desk: Desk) -> int:
    """The visitor saves a drawing; its number."""
    answer, _ = ask(desk, "127.0.0.1", "/picture.png")
    return int(answer.headers["Content-Disposition"].partition("rehearsal-")[2].partition(".")[0])


def case(desk: Desk, code: str) -> list[tuple[str, int, str | None, bool]]:
    """What the person reads."""
    return [tuple(one) for one in json.loads(desk.python(CASE.format(code=code) + READ))]
