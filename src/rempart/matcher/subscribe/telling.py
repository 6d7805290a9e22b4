"""Telling owners in the shapes of NCMEC and StopNCII. They take what people decided; counts have no place in them."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Sequence
from urllib.parse import quote
from xml.etree import ElementTree

from rempart.matcher.results import Reason, Result, Verdict
from rempart.matcher.subscribe.interface import ListUnreachable
from rempart.matcher.subscribe.ncmec import TYPES, USUAL_TYPE, parsed
from rempart.matcher.subscribe.wire import Wire

logger = logging.getLogger("rempart.matcher.telling")

NAMESPACE = "https://hashsharing.ncmec.org/hashsharing/v2"
XML = "application/xml; charset=utf-8"
NOT_TAKEN = {400, 404, 409, 410, 422}
"""About one entry: its owner does not know it any more, or not so. The others must not wait for it."""
WORDS: dict[Reason, tuple[str, ...]] = {
    Reason.ANOTHER_PICTURE: ("not the same", "not match", "another picture", "false", "different"),
    Reason.WELL_KNOWN: ("everybody knows", "meme", "viral", "well-known", "well known"),
    Reason.WITH_CONSENT: ("consent", "person in it"),
    Reason.NOT_INTIMATE: ("not an intimate", "not intimate", "not csam", "not illegal", "benign", "not exploit"),
    Reason.OTHER: ("another reason", "other"),
}
"""By what an owner's own reasons are recognised; each owner has its own list."""
FEEDBACK = {Verdict.BLOCKED: "Blocked", Verdict.NOT_BLOCKED: "NotBlocked", Verdict.UNDER_REVIEW: "PendingReview"}


class NcmecTeller:
    """One list; ``url`` as for the reader. Each decision is a vote of its own: sent again, it changes nothing."""

    def __init__(self, url: str, user: str, password: str) -> None:
        token = b64encode(f"{user}:{password}".encode()).decode()
        self._wire = Wire(url, {"Authorization": f"Basic {token}", "Accept": "application/xml", "Accept-Encoding": "gzip"})
        self._reasons: dict[str, list[tuple[str, str]]] = {}

    def tell(self, results: Sequence[Result], *, message: str) -> None:
        """See Teller. Votes told before one that is not received stand; all are told again."""
        for result in results:
            if result.verdict in {Verdict.BLOCKED, Verdict.NOT_BLOCKED}:
                self._vote(result)

    def _vote(self, result: Result) -> None:
        member, _, identity = result.entry.partition("-")
        kind = result.reference if result.reference in TYPES else USUAL_TYPE
        body = self._body(result, kind)
        try:
            self._wire.send("PUT", f"/v2/entries/{quote(member, safe='')}/{quote(identity, safe='')}/{kind}/feedback", body, XML)
        except ListUnreachable as error:
            if error.status not in NOT_TAKEN:
                raise
            self._reasons.clear()  # theirs may have changed
            logger.warning("A decision was not taken by the list's owner (status %d): it does not know the entry.", error.status)

    def _body(self, result: Result, kind: str) -> bytes:
        root = ElementTree.Element("feedbackSubmission", {"xmlns": NAMESPACE})
        if result.verdict is Verdict.BLOCKED:
            ElementTree.SubElement(root, "affirmative")
        else:
            ids = ElementTree.SubElement(ElementTree.SubElement(root, "negative"), "reasonIds")
            ElementTree.SubElement(ids, "guid").text = self._guid(result.reason or Reason.OTHER, kind)
        return bytes(ElementTree.tostring(root, encoding="utf-8"))

    def _guid(self, reason: Reason, kind: str) -> str:
        if kind not in self._reasons:
            root = parsed(self._wire.get(f"/v2/feedback/{kind}/reasons").body)
            found = ((one.get("guid", ""), one.get("name", "").lower()) for one in root.iter("reason"))
            self._reasons[kind] = [(guid, name) for guid, name in found if guid]
        return _chosen(reason, self._reasons[kind])


def _chosen(reason: Reason, theirs: Sequence[tuple[str, str]]) -> str:
    """The one of theirs that says it best, otherwise the one that says least."""
    for words in (WORDS[reason], WORDS[Reason.OTHER]):
        for guid, name in theirs:
            if any(word in name for word in words):
                return guid
    if not theirs:
        raise ListUnreachable("The list's owner names no reason that one may give.")
    return theirs[-1][0]


class StopNciiTeller:
    """One list; ``url`` and keys as for the reader. ``feedback_key``: owners may give each address a key of its own."""

    def __init__(self, url: str, subscription_key: str, feedback_key: str) -> None:
        self._wire = Wire(url, {"Ocp-Apim-Subscription-Key": subscription_key, "x-functions-key": feedback_key})

    def tell(self, results: Sequence[Result], *, message: str) -> None:
        """See Teller. An entry that is gone has no name in this shape any more: nothing is said of it."""
        told = [one for one in map(_feedback, results) if one is not None]
        if told:
            body = json.dumps({"count": len(told), "hashFeedbacks": told}).encode()
            self._wire.send("POST", "/SubmitFeedback", body, "application/json")


def _feedback(result: Result) -> dict[str, object] | None:
    signal, _, value = result.reference.partition(" ")
    if result.verdict is None or not value or signal not in {"ImagePDQ", "VideoMD5"}:
        return None
    return {"hashValue": value, "feedbackValue": FEEDBACK[result.verdict], "tags": [result.reason.value] if result.reason else []}
