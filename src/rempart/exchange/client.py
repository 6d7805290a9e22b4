"""The library's client of the NCMEC shape, pointed at a desk, without three habits that lose entries or tell them to a log.

Tried with threatexchange 1.2.17: it writes local time and calls it UTC, so that a machine in Paris or New York misses what is
new; it cannot read the list of reasons; and it writes whole answers, fingerprints and all, in the debugging log and in errors.
"""

import re
import time
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from xml.etree import ElementTree

from threatexchange.exchanges.clients.ncmec import hash_api

NEXT = re.compile(r"/v2/entries\?[!-~]*")
HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class UnreadableAnswer(ValueError):
    """The desk answered something that is not its list. The message never holds what it was."""


class _Place(NamedTuple):
    """What the library calls an environment: it reads nothing but ``value``."""

    value: str


def clean_base_url(text: str) -> str:
    """The address of a list without its final slash. Raises ``ValueError`` with a sentence."""
    parts = urlsplit(text.strip())
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("The address of a list looks like https://desk.example.org/exchange/minors/hashsharing.")
    if parts.username or parts.password:
        raise ValueError("The key and the secret do not belong in the address of a list.")
    if parts.scheme == "http" and parts.hostname not in HERE:
        raise ValueError("The address of a list begins with https://: the secret and the fingerprints travel to it.")
    return text.strip().rstrip("/")


class ListClient(hash_api.NCMECHashAPI):
    """Reads one list of one desk, and votes on its entries."""

    def __init__(self, user: str, password: str, base_url: str) -> None:
        super().__init__(user, password, _Place(clean_base_url(base_url)))  # type: ignore[arg-type]

    def get_entries(self, *, start_timestamp: int = 0, end_timestamp: int = 0, next_: str = "") -> hash_api.GetEntriesResponse:
        """Entries that changed between two moments (seconds since 1970), or the page that ``next_`` names."""
        if next_ and not NEXT.fullmatch(next_):
            raise UnreadableAnswer("The desk named a next page that is not one of its own.")
        words = {"from": utc(start_timestamp), "to": utc(end_timestamp or int(time.time()))}
        root = self._get(hash_api.NCMECEndpoint.entries, next_=next_, **words)
        if root.tag != "queryResult":
            # Taken for an empty list, it would move the checkpoint past entries that were never sent.
            raise UnreadableAnswer("An answer of the desk is not a list.")
        try:
            return hash_api.GetEntriesResponse.from_xml(hash_api._XMLWrapper(root), int(time.time()))
        except Exception as error:
            raise UnreadableAnswer(f"An answer of the desk is not a list ({type(error).__name__}).") from None

    def feedback_reasons(self, fingerprint_type: hash_api.FingerprintType) -> dict[str, str]:
        """Why a platform may say that an entry is wrong: name by GUID."""
        root = self._get(hash_api.NCMECEndpoint.feedback, path=f"{fingerprint_type.value}/reasons")
        found = {reason.get("guid", ""): reason.get("name", "") for reason in root.iter("reason")}
        found.pop("", None)
        self._feedback_reason_map[fingerprint_type] = dict(found)
        return found

    def _get(self, endpoint: hash_api.NCMECEndpoint, *, path: str = "", next_: str = "", **params: Any) -> ElementTree.Element:
        url = "/".join(part for part in (self._base_url, self.VERSION, endpoint.value, path) if part)
        with self._get_session() as session:
            response = session.get(self._base_url + next_) if next_ else session.get(url, params=params)
        response.raise_for_status()
        return _without_namespaces(response.content)


def utc(timestamp: int) -> str:
    """A moment as the wire wants it."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _without_namespaces(content: bytes) -> ElementTree.Element:
    try:
        # The desk is the only one that can be here (HTTPS, its own name), and Python's parser knows no outside entities.
        root = ElementTree.parse(BytesIO(content)).getroot()  # noqa: S314
    except ElementTree.ParseError:
        raise UnreadableAnswer("An answer of the desk is not XML.") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root
