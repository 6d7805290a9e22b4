"""Look-up without the list: a platform asks about its uploads, and learns yes or no and what it is advised to do.

Nothing else leaves: no entry, no distance, no other platform's word. The questions are not kept, only how many there were and how
many were answered yes.

Whoever may ask often finds out by many small changes where *yes* ends, and from that a fingerprint, bit by bit. So a question is
compared with what this client would be given, with its mark: what it finds out that way leads back to it like a list that leaks.
A canary is answered as a protection would be, on whosever copy it stands: the answer tells none apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from rempart.desk.registers.bank import boxes
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.bank.search import search
from rempart.desk.registers.bank.steps import keyring
from rempart.desk.registers.journal import steps as journal
from rempart.desk.registers.lists import canaries, entries, marks
from rempart.desk.registers.lists.entries import Published
from rempart.desk.registers.lists.models import Canary, Entry, ListClient, Subscription
from rempart.desk.registers.vault.keyring import KeyringError
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.protection import LEAST_QUALITY
from rempart.desk.rules.publishing import is_on_copy
from rempart.desk.rules.trust import Act, Trust, Vote, advice_for, together
from rempart.desk.rules.watermark import TURNED
from rempart.engine import USUAL_RADIUS, ExactIndex, HashArray, Pdq, Sha256, is_degenerate_many, rows_of

REACH = USUAL_RADIUS + TURNED
"""What may be near once it is marked."""


class Match(StrEnum):
    """How what was asked about is like something protected."""

    EXACT = "exact"
    """The same file."""
    NEAR = "near"
    """A picture that looks the same, to a PDQ."""
    NONE = "none"


class Answer(NamedTuple):
    """Of one fingerprint."""

    match: Match
    advice: Act


NO = Answer(Match.NONE, Act.NOTHING)
Question = Pdq | Sha256 | None
"""None: a dummy, so that nobody sees how many were asked."""


@dataclass(frozen=True, slots=True)
class _Copy:
    """One entry as this client would be given it, and its PDQs that say enough: shape (n, 32)."""

    entry: Published
    hashes: HashArray

    def is_near(self, pdq: Pdq) -> bool:
        """Within the usual radius of any."""
        return _is_near(self.hashes, pdq)


def _is_near(hashes: HashArray, pdq: Pdq) -> bool:
    apart = np.bitwise_count(hashes ^ np.frombuffer(pdq.value, np.uint8)).sum(axis=1, dtype=np.uint16)
    return bool((apart <= USUAL_RADIUS).any())


def lists_asked(client: ListClient) -> frozenset[ListName]:
    """The lists that a client's uploads are compared with; none, if it may not ask."""
    rows = Subscription.objects.filter(client_id=client.pk).values_list("list_name", flat=True)
    return frozenset(map(ListName, rows)) if client.may_ask else frozenset()


def ask(client: ListClient, questions: Sequence[Question], lists: frozenset[ListName], *, now: datetime) -> list[Answer]:
    """One answer for each question, in order. The quota is the caller's affair.

    Raises KeyringError where the keyring is missing: nothing is then found, and *no* would not be true.
    """
    if not keyring().exists():
        raise KeyringError("The keyring is missing.")
    entries.catch_up(now)
    found = _near([one for one in questions if isinstance(one, Pdq)])
    found |= _same([one for one in questions if isinstance(one, Sha256)])
    copies = _copies({number for numbers in found.values() for number in numbers}, client, lists)
    drawn = _drawn.touched(questions, client, lists)
    answers = [
        _answer(one, [copies[number] for number in found.get(one, ()) if number in copies], drawn.get(one, []), client)
        for one in questions
    ]
    yes = sum(answer.match is not Match.NONE for answer in answers)
    if yes:
        asked = sum(one is not None for one in questions)
        journal.write("uploads_asked", f"client:{client.pk}", now=now, detail={"asked": asked, "found": yes})
    if drawn:
        canaries.canary_alarm(client.pk, "asked", now=now)
    return answers


def _answer(question: Question, copies: Sequence[_Copy], drawn: Sequence[Trust], client: ListClient) -> Answer:
    if question is None:
        return NO
    known = [one.entry for one in copies if isinstance(question, Sha256) or one.is_near(question)]
    trust = together([*(one.trust for one in known), *drawn])
    if trust is None or not is_on_copy(trust, is_cautious=client.is_cautious):
        return NO
    votes = {one.own_vote for one in known} - {None}
    # Its own people said both of what looks the same: the more careful of the two towards whoever uploads.
    vote = Vote.NOT_BLOCKED if Vote.NOT_BLOCKED in votes else Vote.BLOCKED if votes else None
    advice = advice_for(trust, vote)
    return Answer(Match.EXACT, advice.exact) if isinstance(question, Sha256) else Answer(Match.NEAR, advice.near)


def _near(pdqs: Sequence[Pdq]) -> dict[Question, set[int]]:
    """Protections that may look like each; nothing looks like stripes or checks alone."""
    if not pdqs:
        return {}
    says_something = ~is_degenerate_many(rows_of(list(pdqs)))
    asked = [pdq for pdq, good in zip(pdqs, says_something.tolist(), strict=True) if good]
    return dict(zip(asked, search.near_each(asked, REACH), strict=True))


def _same(files: Sequence[Sha256]) -> dict[Question, set[int]]:
    digests = {boxes.file_digest(sha256): sha256 for sha256 in files}
    rows = Protection.objects.filter(file_digest__in=list(digests), ended_at__isnull=True).values_list("file_digest", "pk")
    found: dict[Question, set[int]] = {}
    for digest, number in rows:
        found.setdefault(digests[bytes(digest or b"")], set()).add(number)
    return found


def _copies(numbers: Iterable[int], client: ListClient, lists: frozenset[ListName]) -> dict[int, _Copy]:
    """What stands on these lists of these protections, by protection, as this client would be given it."""
    rows = Entry.objects.filter(protection_number__in=list(numbers), list_name__in=[name.value for name in lists])
    number_of = {row.pk: row.protection_number or 0 for row in rows}
    given = entries.published(rows, client)
    return {number_of[one.number]: _Copy(one, _hashes(one)) for one in given if not one.is_gone}


def _hashes(one: Published) -> HashArray:
    return rows_of([part.pdq for part in one.parts if part.quality >= LEAST_QUALITY])


class _Drawn:
    """The canaries in memory, read again when there are others. Holds fingerprints in clear: shows none."""

    def __init__(self) -> None:
        self._last = -1
        self._lists: list[str] = []
        self._places: list[tuple[int, int]] = []
        self._exact: dict[bytes, tuple[int, str]] = {}
        self._hashes: HashArray = np.empty((0, 32), np.uint8)
        self._index = ExactIndex(self._hashes, np.empty(0, np.uint64))

    def touched(
        self, questions: Sequence[Question], client: ListClient, lists: frozenset[ListName]
    ) -> dict[Question, list[Trust]]:
        """Those of these questions that are about canaries of one of these lists, and where these stand."""
        self._read()
        found = self._near([one for one in questions if isinstance(one, Pdq)], client, lists)
        for one in questions:
            entry, list_name = self._exact.get(one.value, (0, "")) if isinstance(one, Sha256) else (0, "")
            if list_name in lists:
                found.setdefault(one, set()).add(entry)
        rows = Entry.objects.filter(pk__in={entry for some in found.values() for entry in some})
        trusts = {pk: Trust(trust) for pk, trust in rows.values_list("pk", "trust")}
        return {one: [trusts[entry] for entry in some if entry in trusts] for one, some in found.items()}

    def _near(self, pdqs: Sequence[Pdq], client: ListClient, lists: frozenset[ListName]) -> dict[Question, set[int]]:
        found: dict[Question, set[int]] = {}
        if not pdqs:
            return found
        asked = rows_of(list(pdqs))
        weak = is_degenerate_many(asked)
        for question, match in self._index.lookup_many(asked, REACH):
            is_open = self._lists[match.key] in lists and not weak[question]
            if is_open and _is_near(self._marked(match.key, client), pdqs[question]):
                found.setdefault(pdqs[question], set()).add(self._places[match.key][0])
        return found

    def _marked(self, row: int, client: ListClient) -> HashArray:
        entry, part = self._places[row]
        return marks.mark_many(self._hashes[row : row + 1], client.pk, [entry], [part])

    def _read(self) -> None:
        last = Canary.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if last == self._last:
            return
        entry_of = dict(Entry.objects.filter(canary_number__isnull=False).values_list("canary_number", "pk"))
        exact, rows = {}, []
        for canary in Canary.objects.filter(pk__in=list(entry_of)).order_by("pk"):
            sha256, *pdqs = canaries.opened(canary)
            exact[sha256.value] = (entry_of[canary.pk], canary.list_name)
            rows += [(view.value, canary.list_name, (entry_of[canary.pk], part)) for part, view in enumerate(pdqs)]
        self._lists, self._places = [name for _, name, _ in rows], [place for _, _, place in rows]
        self._hashes = np.frombuffer(b"".join(value for value, _, _ in rows), np.uint8).reshape(-1, 32)
        self._index = ExactIndex(self._hashes, np.arange(len(rows), dtype=np.uint64))
        self._exact, self._last = exact, last


_drawn = _Drawn()
