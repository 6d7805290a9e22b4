"""The first start of a rehearsal: cast, directory and an invented past, with its progress on the terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from django.conf import settings
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from rempart.desk.rehearsal.cast import make_directory, make_people
from rempart.desk.rehearsal.past import LENGTH, Past, Work
from rempart.desk.rehearsal.pictures import make_well_known
from rempart.desk.rehearsal.protected import LONGEST
from rempart.desk.rehearsal.readers import make_readers
from rempart.desk.rehearsal.world import SEEDED, World
from rempart.desk.rules.notice import Tempo


class Interrupted(Exception):
    """Somebody asked to stop before the rehearsal was ready; the next start begins again."""


def is_seeded(world: World) -> bool:
    """Whether the cast and the past are in place, whole."""
    return bool(world.note(SEEDED))


def seed(console: Console, world: World, work: Work, *, has_past: bool, should_stop: Callable[[], bool]) -> None:
    """Make cast, directory and past. Raises :class:`Interrupted`."""
    now = datetime.now(UTC).replace(microsecond=0)
    first_day = now - max(LENGTH, LONGEST) - timedelta(days=1)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress, real_tempo():
        task = progress.add_task("Inventing people and hosts", total=1.0)
        people = make_people(first_day)
        make_directory(people["salome"], first_day)
        make_readers(people["salome"].pk, first_day)
        if settings.REMPART_WELL_KNOWN is not None:
            make_well_known(settings.REMPART_WELL_KNOWN)
        progress.update(task, description="Inventing three weeks of work")
        past = Past(world, people, settings.REMPART.rehearsal_port, work).play(now) if has_past else ()
        for share in past:
            progress.update(task, completed=share)
            _go_on(should_stop)
        progress.update(task, completed=1.0, description="The rehearsal is ready")
    world.set_note(SEEDED, now.isoformat())


def _go_on(should_stop: Callable[[], bool]) -> None:
    if should_stop():
        raise Interrupted


@contextmanager
def real_tempo() -> Iterator[None]:
    """The past went at the pace of real life; only what the visitor does goes fast."""
    fast = settings.REMPART_TEMPO
    settings.REMPART_TEMPO = Tempo()
    try:
        yield
    finally:
        settings.REMPART_TEMPO = fast
