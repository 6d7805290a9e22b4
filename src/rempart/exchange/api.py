"""A desk's list as an exchange of ``threatexchange``: configured by its address, with credentials of its own."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from requests import HTTPError
from threatexchange.exchanges import auth
from threatexchange.exchanges import fetch_state as state
from threatexchange.exchanges.clients.ncmec.hash_api import GetEntriesResponse, NCMECEntryType, NCMECEntryUpdate
from threatexchange.exchanges.collab_config import CollaborationConfigWithDefaults
from threatexchange.exchanges.impl.ncmec_api import NCMECCheckpoint, _NCMECPagingInfo
from threatexchange.exchanges.signal_exchange_api import SignalExchangeAPI
from threatexchange.signal_type.md5 import VideoMD5Signal
from threatexchange.signal_type.pdq.signal import PdqSignal
from threatexchange.signal_type.sha256 import VideoSHA256Signal
from threatexchange.signal_type.signal_base import SignalType

from rempart.exchange.client import ListClient, clean_base_url
from rempart.exchange.signals import PhotoSha256Signal

NAME = "rempart"
Delta = state.FetchDelta[str, NCMECEntryUpdate, NCMECCheckpoint]
FORGOTTEN = frozenset({400, 404, 410})
"""What a desk answers to a page that it no longer knows."""
LAG = 5
"""Seconds that a reading stays behind the clock, as the library's own client does."""

SIGNALS: dict[tuple[NCMECEntryType, str], type[SignalType]] = {
    (NCMECEntryType.image, "pdq"): PdqSignal,
    (NCMECEntryType.image, "sha256"): PhotoSha256Signal,
    (NCMECEntryType.video, "md5"): VideoMD5Signal,
    (NCMECEntryType.video, "sha256"): VideoSHA256Signal,
}
"""Which signal a fingerprint of an entry becomes. Others are carried and not used."""

CONFIRMED = "confirmed"
DISPUTED = "disputed"
HELD = "held"
"""States of trust that change what a match is worth: the desk writes them as the classification of an entry."""


@dataclass
class _Required:
    base_url: str = field(
        metadata={"help": "address of the list, for example https://desk.example.org/exchange/minors/hashsharing"}
    )


@dataclass
class ListConfig(CollaborationConfigWithDefaults, _Required):
    """One list of one desk."""

    api: str = field(init=False, default=NAME)
    only_classifications: set[str] = field(
        default_factory=set, metadata={"help": "take only entries classified so, for example confirmed (default: all)"}
    )

    def __post_init__(self) -> None:
        self.base_url = clean_base_url(self.base_url)


@dataclass
class Credentials(auth.CredentialHelper):
    """What the association gave the platform: other than NCMEC's own, so that both live on one machine."""

    ENV_VARIABLE: ClassVar[str] = "TX_REMPART_CREDENTIALS"
    FILE_NAME: ClassVar[str] = "~/.tx_rempart_credentials"

    user: str = field(metadata={"help": "The key of your client of the list."})
    password: str = field(metadata={"help": "Its secret."})

    def __repr__(self) -> str:
        return f"Credentials({self.user}, …)"

    @classmethod
    def _from_str(cls, s: str) -> "Credentials":
        user, _, password = s.strip().partition(":")
        return cls(user, password)

    def _are_valid(self) -> bool:
        return bool(self.user and self.password)


@dataclass
class Standing(state.FetchedSignalMetadata):
    """What the entries that hold one fingerprint are classified as."""

    classifications: set[str]

    def get_as_opinions(self) -> Sequence[state.SignalOpinion]:
        """Only what is confirmed counts as sure; the rest asks a person to look; the disputed is both."""
        return [one for word in sorted(self.classifications) for one in _opinions(word)]


def _opinions(classification: str) -> Iterator[state.SignalOpinion]:
    category = state.SignalOpinionCategory
    if classification in {CONFIRMED, DISPUTED}:
        yield state.SignalOpinion(False, category.POSITIVE_CLASS, {classification})
    if classification in {DISPUTED, HELD}:
        yield state.SignalOpinion(False, category.NEGATIVE_CLASS, {classification})
    if classification not in {CONFIRMED, DISPUTED, HELD}:
        yield state.SignalOpinion(False, category.INVESTIGATION_SEED, {classification} - {""})


class RempartExchangeAPI(
    auth.SignalExchangeWithAuth[ListConfig, Credentials],
    SignalExchangeAPI[ListConfig, NCMECCheckpoint, Standing, str, NCMECEntryUpdate],
):
    """Reads a list to its end, page by page. A withdrawn entry leaves at the next fetch."""

    def __init__(self, collab: ListConfig, user: str, password: str) -> None:
        super().__init__()
        self.collab = collab
        self.client = ListClient(user, password, collab.base_url)

    @classmethod
    def for_collab(cls, collab: ListConfig, credentials: Credentials | None = None) -> "RempartExchangeAPI":
        """An exchange that can be used at once. Raises the library's errors when there are no credentials."""
        found = credentials or Credentials.get(cls)
        return cls(collab, found.user, found.password)

    @classmethod
    def get_name(cls) -> str:
        """Its name on the command line and in HMA."""
        return NAME

    @staticmethod
    def get_config_cls() -> type[ListConfig]:
        """What is configured of one list."""
        return ListConfig

    @staticmethod
    def get_checkpoint_cls() -> type[NCMECCheckpoint]:
        """How far a reading came."""
        return NCMECCheckpoint

    @staticmethod
    def get_record_cls() -> type[Standing]:
        """What is known of a fingerprint."""
        return Standing

    @staticmethod
    def get_credential_cls() -> type[Credentials]:
        """What to show at the door."""
        return Credentials

    def fetch_iter(self, _supported: Sequence[type[SignalType]], checkpoint: NCMECCheckpoint | None) -> Iterator[Delta]:
        """Everything that changed since the checkpoint.

        The library first looks for a range that fits one page, and throws away what it read meanwhile. A desk's pages stay as
        they are while the list changes, so that each is read once; a reading that was cut goes on where it was.
        """
        start = checkpoint.get_entries_max_ts if checkpoint else 0
        paging = checkpoint.paging_info if checkpoint else None
        if paging is not None and paging.is_valid:
            yield from self._range(start, paging.paging_end_ts, paging.paging_url)
            start = paging.paging_end_ts
        yield from self._range(start, max(start, int(time.time()) - LAG))

    def _range(self, start: int, end: int, next_path: str = "") -> Iterator[Delta]:
        page = self._first(start, end, next_path)
        while page.next:
            yield _delta(page, NCMECCheckpoint(start, _NCMECPagingInfo(page.next, end)))
            page = self.client.get_entries(start_timestamp=start, end_timestamp=end, next_=page.next)
        yield _delta(page, NCMECCheckpoint(end))

    def _first(self, start: int, end: int, next_path: str) -> GetEntriesResponse:
        """The page to go on with; when the desk no longer knows it, the first one of the same range."""
        try:
            return self.client.get_entries(start_timestamp=start, end_timestamp=end, next_=next_path)
        except HTTPError as error:
            if not next_path or error.response is None or error.response.status_code not in FORGOTTEN:
                raise
        return self.client.get_entries(start_timestamp=start, end_timestamp=end)

    @classmethod
    def fetch_value_merge(cls, old: NCMECEntryUpdate | None, new: NCMECEntryUpdate | None) -> NCMECEntryUpdate | None:
        """The newer state; nothing is left of what was withdrawn."""
        return None if new is None or new.deleted else new

    @classmethod
    def naive_convert_to_signal_type(
        cls, signal_types: Sequence[type[SignalType]], collab: ListConfig, fetched: Mapping[str, NCMECEntryUpdate]
    ) -> dict[type[SignalType], dict[str, Standing]]:
        """The fingerprints by kind of signal. One that cannot be read is left out: it could not match anything."""
        found: dict[type[SignalType], dict[str, Standing]] = {}
        wanted = {word.lower() for word in collab.only_classifications}
        for entry in fetched.values():
            classification = (entry.classification or "").lower()
            if entry.deleted or (wanted and classification not in wanted):
                continue
            for signal_type, value in _signals(entry, signal_types):
                standing = found.setdefault(signal_type, {}).setdefault(value, Standing(set()))
                standing.classifications.add(classification)
        return found


def _delta(page: GetEntriesResponse, checkpoint: NCMECCheckpoint) -> Delta:
    updates: dict[str, NCMECEntryUpdate | None] = {f"{update.member_id}-{update.id}": update for update in page.updates}
    return state.FetchDelta(updates, checkpoint)


def _signals(entry: NCMECEntryUpdate, signal_types: Sequence[type[SignalType]]) -> Iterator[tuple[type[SignalType], str]]:
    for kind, value in entry.fingerprints.items():
        signal_type = SIGNALS.get((entry.entry_type, kind))
        if signal_type is None or signal_type not in signal_types:
            continue
        try:
            yield signal_type, signal_type.validate_signal_str(value)
        except Exception:  # noqa: S112  (each kind of signal raises its own; the value is not for a log)
            continue
