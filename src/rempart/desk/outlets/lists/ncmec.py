"""The shape of NCMEC's hash sharing, version 2 (XML): one entry for each PDQ of a picture, a tombstone for each that ever stood.

A client of this shape knows no advice: what should not be blocked is a tombstone here (``rules.publishing``). Of a video it can
use nothing that we have (an MD5 of the file, which nobody sent us); its SHA-256 stands there for clients that know ours.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from rempart.desk.outlets.lists.opinions import Member, Members, Opinion
from rempart.desk.registers.lists.entries import Part, Published
from rempart.desk.rules.protection import LEAST_QUALITY, Kind
from rempart.desk.rules.trust import RefusalReason, Vote

NAMESPACE = "https://hashsharing.ncmec.org/hashsharing/v2"
CONTENT_TYPE = "application/xml; charset=utf-8"
MOST_VOTE = 64 * 1024
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_REASONS = UUID("0d7c5f0e-6c2c-4b53-9d0b-0d3f5b0f7a11")

Namer = Callable[[int], str]
"""From an entry's number to what the client calls it."""


class FingerprintType(StrEnum):
    """As paths name them; ours are PDQ, the others are taken as opinions on the whole entry."""

    MD5 = "MD5"
    SHA1 = "SHA1"
    PDNA = "PDNA"
    PDQ = "PDQ"
    NETCLEAN = "NETCLEAN"
    VIDENTIFIER = "VIDENTIFIER"
    TMK_PDQF = "TMK_PDQF"
    SSVH_PDNA = "SSVH_PDNA"
    SSVH_SAFER_HASH = "SSVH_SAFER_HASH"


REASON_WORDS = {
    RefusalReason.ANOTHER_PICTURE: "Not the same picture",
    RefusalReason.NOT_INTIMATE: "Not an intimate picture",
    RefusalReason.WELL_KNOWN: "A picture everybody knows",
    RefusalReason.WITH_CONSENT: "Published by the person in it",
    RefusalReason.OTHER: "Another reason",
}


def guid_of(reason: RefusalReason, kind: FingerprintType) -> str:
    """The reason's number, for ever the same."""
    return str(uuid5(_REASONS, f"{kind.value} {reason.value}"))


class NotAVote(ValueError):
    """The body is not one that this shape knows; the message is a sentence and repeats nothing of it."""


class Ballot(NamedTuple):
    """What a client says of one entry."""

    vote: Vote
    reason: RefusalReason | None = None


def moment(text: str) -> datetime:
    """A date as this shape writes it, with or without parts of a second. Raises ValueError."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", text, re.ASCII):
        raise ValueError("not a date")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except OverflowError:
        raise ValueError("not a date") from None


def written(at: datetime) -> str:
    """A date, to the second that it is in."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def split_name(name: str) -> tuple[str, int] | None:
    """What an entry of this shape is called: our entry's name, and the place of the PDQ in it."""
    found = re.fullmatch(r"([0-9a-f]{32})-(\d{1,6})", name, re.ASCII)
    return (found[1], int(found[2])) if found else None


def write_page(entries: Sequence[Published], *, namer: Namer, members: Members, next_path: str | None) -> bytes:
    """A page of entries. ``next_path`` begins with ``/v2/``: the client appends it to the base address."""
    pictures = [item for entry in entries if entry.kind is Kind.PICTURE for item in _pictures(entry, namer, members)]
    videos = [_video(entry, namer, members) for entry in entries if entry.kind is Kind.VIDEO]
    last = max((entry.updated_at for entry in entries), default=None)
    body = _collection("images", pictures, last) + _collection("videos", videos, last)
    if next_path is not None:
        body += f"<paging><next>{escape(next_path)}</next></paging>"
    return _document("queryResult", body)


def _collection(tag: str, items: Sequence[str], last: datetime | None) -> str:
    if not items or last is None:
        return f'<{tag} count="0"/>'
    return f'<{tag} count="{len(items)}" maxTimestamp="{written(last)}">{"".join(items)}</{tag}>'


def _pictures(entry: Published, namer: Namer, members: Members) -> Iterator[str]:
    name, said = namer(entry.number), _feedback(entry, members)
    if not entry.stands_without_advice:
        yield from (_gone("deletedImage", f"{name}-{part}", entry, members.ours) for part in range(entry.parts_ever))
        return
    for part in entry.parts:
        fingerprints = _fingerprints(entry if part.number == 0 else None, part)
        if fingerprints:
            yield _standing("image", f"{name}-{part.number}", entry, members.ours, fingerprints, said)


def _video(entry: Published, namer: Namer, members: Members) -> str:
    name = f"{namer(entry.number)}-0"
    if not entry.stands_without_advice:
        return _gone("deletedVideo", name, entry, members.ours)
    return _standing("video", name, entry, members.ours, _fingerprints(entry, None), _feedback(entry, members))


def _fingerprints(entry: Published | None, part: Part | None) -> str:
    found = f"<sha256>{entry.sha256.hex()}</sha256>" if entry is not None and entry.sha256 is not None else ""
    # A client compares whatever stands here: a PDQ that says too little would find strangers.
    return found + (f"<pdq>{part.pdq.hex()}</pdq>" if part is not None and part.quality >= LEAST_QUALITY else "")


def _standing(tag: str, name: str, entry: Published, ours: Member, fingerprints: str, feedback: str) -> str:
    return (
        f"<{tag}>{_member(ours)}<timestamp>{written(entry.updated_at)}</timestamp><id>{name}</id>"
        f"<classification>{entry.trust.value}</classification><fingerprints>{fingerprints}</fingerprints>{feedback}</{tag}>"
    )


def _gone(tag: str, name: str, entry: Published, ours: Member) -> str:
    return f"<{tag}>{_member(ours)}<id>{name}</id><timestamp>{written(entry.updated_at)}</timestamp></{tag}>"


def _member(member: Member) -> str:
    return f'<member id="{member.number}">{escape(member.name)}</member>'


def _feedback(entry: Published, members: Members) -> str:
    opinions = members.opinions(entry.votes)
    if not opinions:
        return ""
    at = quoteattr(written(entry.updated_at))
    found = "".join(_affirmative(some, at) for some in [_of(opinions, Vote.BLOCKED)] if some)
    found += "".join(_negative(some, at) for some in [_of(opinions, Vote.NOT_BLOCKED)] if some)
    return f"<feedback lastUpdateTimestamp={at}>{found}</feedback>"


def _of(opinions: Iterable[Opinion], vote: Vote) -> list[Opinion]:
    return [opinion for opinion in opinions if opinion.vote is vote]


def _affirmative(opinions: Sequence[Opinion], at: str) -> str:
    who = "".join(_member(opinion.member) for opinion in opinions)
    return (
        f'<affirmativeFeedback type="Pdq" lastUpdateTimestamp={at}><members timestamp={at}>{who}</members></affirmativeFeedback>'
    )


def _negative(opinions: Sequence[Opinion], at: str) -> str:
    pairs = "".join(
        f"{_reason(opinion.reason or RefusalReason.OTHER, FingerprintType.PDQ, 'Pdq')}"
        f"<members timestamp={at}>{_member(opinion.member)}</members>"
        for opinion in opinions
    )
    return f'<negativeFeedback type="Pdq" lastUpdateTimestamp={at}><reasons>{pairs}</reasons></negativeFeedback>'


def _reason(reason: RefusalReason, kind: FingerprintType, shown: str) -> str:
    return f'<reason guid="{guid_of(reason, kind)}" name={quoteattr(REASON_WORDS[reason])} type="{shown}"/>'


def write_status(members: Members, address: str, user: str) -> bytes:
    """Who the client is, as it sees itself."""
    body = f"<ipAddress>{escape(address)}</ipAddress><username>{escape(user)}</username>{_member(members.own)}"
    return _document("status", body)


def write_members(members: Members) -> bytes:
    """Everybody whose entries or opinions the client may see."""
    return _document("members", "".join(_member(member) for member in members))


def write_reasons(kind: FingerprintType) -> bytes:
    """Why a client may say that it did not block."""
    return _document("availableFeedbackReasons", "".join(_reason(reason, kind, kind.value) for reason in RefusalReason))


def write_error(reason: str, sentence: str) -> bytes:
    """What went wrong: a stable word and a sentence."""
    return _document("error", f"<reason>{escape(reason)}</reason><message>{escape(sentence)}</message>")


def write_done() -> bytes:
    """A vote was taken."""
    return _document("feedbackResult", "<result>taken</result>")


def _document(root: str, body: str) -> bytes:
    return f'{_HEAD}<{root} xmlns="{NAMESPACE}">{body}</{root}>'.encode()


def read_vote(body: bytes, kind: FingerprintType) -> Ballot:
    """What a client says of an entry. Raises :class:`NotAVote`."""
    root = _parsed(body)
    if _tag(root) != "feedbackSubmission" or len(root) != 1:
        raise NotAVote("The root element must be feedbackSubmission, with one child.")
    (vote,) = root
    if _tag(vote) == "affirmative":
        return Ballot(Vote.BLOCKED)
    if _tag(vote) != "negative":
        raise NotAVote("feedbackSubmission holds affirmative or negative.")
    known = {guid_of(reason, kind): reason for reason in RefusalReason}
    guids = [(element.text or "").strip().lower() for element in vote.iter() if _tag(element) == "guid"]
    if not guids or any(guid not in known for guid in guids):
        raise NotAVote("A negative vote needs the guid of one of the reasons of this fingerprint type.")
    return Ballot(Vote.NOT_BLOCKED, known[guids[0]])


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _parsed(body: bytes) -> ET.Element:
    """Nothing but elements and text: a document type is refused, and with it whatever it could declare."""
    if len(body) > MOST_VOTE:
        raise NotAVote("The body is too long.")
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator="}")
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = lambda tag, attributes: builder.start(tag, {})
    parser.EndElementHandler = lambda tag: builder.end(tag)
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(body, True)
        return builder.close()
    except (expat.ExpatError, AssertionError, ValueError) as error:
        if isinstance(error, NotAVote):
            raise
        raise NotAVote("The body is not well-formed XML.") from None


def _refuse(*_told: object) -> None:
    raise NotAVote("A document type is not taken.")
