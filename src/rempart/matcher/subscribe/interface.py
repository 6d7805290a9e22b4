"""What every reader of lists does."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from rempart.matcher.lists import Batch
from rempart.matcher.results import Result


class ListUnreachable(RuntimeError):
    """The owner did not answer, or not as agreed. What is held stays; the text is a sentence.

    ``retry_at``: if it said when. ``status``: of an answer over HTTP.
    """

    def __init__(self, sentence: str, *, retry_at: datetime | None = None, status: int | None = None) -> None:
        super().__init__(sentence)
        self.retry_at, self.status = retry_at, status


class UnknownCheckpoint(ListUnreachable):
    """The owner does not know where we stopped."""


class ListRefused(RuntimeError):
    """The owner does not let us in (credentials, wrong list): trying again will not help until a person acts."""


class Reader(Protocol):
    """Reads one list of one owner."""

    def read(self, checkpoint: str | None, *, now: datetime) -> Iterator[Batch]:
        """Everything that changed since this checkpoint, oldest first; None: from the beginning.

        A batch is whole or not given. Raises ListUnreachable, ListRefused; batches given before stand.
        """
        ...


class Teller(Protocol):
    """Tells the owner of a list what was done, in the owner's shape."""

    def tell(self, results: Sequence[Result], *, message: str) -> None:
        """All of them or none, as far as the shape allows. ``message`` names this sending: the same name when it is sent again,
        so that an owner who can tell takes it once.

        Raises ListUnreachable, ListRefused.
        """
        ...
