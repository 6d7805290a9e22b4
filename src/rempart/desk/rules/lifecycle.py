"""The life of an item: its states and the only moves between them.

Nothing goes back. Leases, holds and the undo window are not states: an item that an analyst hands over is still ``READY``.
"""

from enum import StrEnum


class State(StrEnum):
    """Where an item stands on its way from a stranger's report to its closing."""

    RECEIVED = "received"
    """Written down; the address is as typed."""
    READY = "ready"
    """The address is canonical, known items are grouped, an analyst may take it."""
    SECOND_READING = "second_reading"
    """A second person must read it without seeing the first verdict."""
    ARBITRATION = "arbitration"
    """The two readings differ; a supervisor decides."""
    ASSESSED = "assessed"
    """Decided, past the undo window; its duties are filed."""
    FOLLOWED = "followed"
    """A notice went out and we watch the address."""
    CLOSED = "closed"
    """Nothing more to do. A relapse is a new item."""


class Closing(StrEnum):
    """Why an item was closed."""

    REMOVED = "removed"
    """Seen gone after our notice."""
    ALREADY_GONE = "already_gone"
    """Gone before the notice left."""
    REFUSED = "refused"
    """Every recipient on the ladder refused or stayed silent."""
    HANDED_TO_AUTHORITY = "handed_to_authority"
    HANDED_TO_PARTNER = "handed_to_partner"
    NO_ACTION = "no_action"
    """Lawful, not found, or outside our field."""
    HELP_GIVEN = "help_given"
    """Lawful, but somebody needs help and was told who can give it."""


MOVES: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.READY}),
    State.READY: frozenset({State.SECOND_READING, State.ASSESSED}),
    State.SECOND_READING: frozenset({State.ARBITRATION, State.ASSESSED}),
    State.ARBITRATION: frozenset({State.ASSESSED}),
    State.ASSESSED: frozenset({State.FOLLOWED, State.CLOSED}),
    State.FOLLOWED: frozenset({State.CLOSED}),
    State.CLOSED: frozenset(),
}

OPEN_FOR_READING = frozenset({State.READY, State.SECOND_READING, State.ARBITRATION})
"""States in which an analyst can take the item."""


class ImpossibleMove(ValueError):
    """An item cannot go from its present state to the wanted one."""


def move(current: State, wanted: State) -> State:
    """Return ``wanted`` if the move is allowed, else raise :class:`ImpossibleMove`."""
    if wanted not in MOVES[current]:
        raise ImpossibleMove(f"an item cannot go from {current.value} to {wanted.value}")
    return wanted
