"""The paths of Meta's Hasher-Matcher-Actioner, so that a platform that speaks to it changes an address and nothing else.

Source: facebook/ThreatExchange, hasher-matcher-actioner, blueprints `matching.py` and `hashing.py`, July 2026. Distances are
texts in look-ups and numbers in comparisons, errors are ``{"message": …}``, banks are our lists in capitals. What differs, and
why, is in docs/en/reference/matcher-api.md.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from rempart.engine import Md5, Pdq
from rempart.engine.errors import NotAFingerprint
from rempart.engine.index.interface import USUAL_RADIUS
from rempart.matcher.lists import Kind
from rempart.matcher.lookup import LEAST_QUALITY, Answer, Found, Question
from rempart.matcher.policy import Because, Outcome
from rempart.matcher.web.asking import Asking
from rempart.matcher.web.exchange import Handler, Refusal, Reply, Request, media_type
from rempart.matcher.web.forms import FormFile, malformed, read_form
from rempart.matcher.web.health import Health

SIGNALS: Mapping[str, type[Pdq] | type[Md5]] = {"pdq": Pdq, "video_md5": Md5}
CONTENTS = {"photo": "pdq", "video": "video_md5"}
WRITTEN = {"pdq": re.compile("[0-9a-f]{64}"), "video_md5": re.compile("[0-9a-f]{32}")}
NO_DISTANCE = "-"
TRACE = b"x-rempart-trace"
ACTED_ON = {Outcome.HOLD, Outcome.BLOCK}
MOST_COMPARED = 10_000
DOUBT = {Because.ROLL_OUT}
_encode = msgspec.json.Encoder().encode


def refused(refusal: Refusal) -> Reply:
    """As HMA says it."""
    return Reply(_encode({"message": refusal.sentence}), refusal.status, headers=refusal.headers, closes=refusal.closes)


def bank_of(list_name: str) -> str:
    """HMA's banks match ``^[A-Z0-9_]+$``."""
    return list_name.upper().replace("-", "_")


def content_id(found: Found) -> int:
    """A number that an entry keeps, for programs that expect one; it fits in a JavaScript number."""
    name = f"{found.list_name}\0{found.entry}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest()) >> 11


class Hma:
    """``most_upload``: bytes of a file."""

    def __init__(self, asking: Asking, health: Health, *, most_upload: int) -> None:
        self._asking, self._health, self._most_upload = asking, health, most_upload

    def paths(self) -> dict[tuple[str, str], Handler]:
        """Path, without prefix, and method."""
        return {
            ("/m/lookup", "GET"): self.lookup,
            ("/m/lookup", "POST"): self.lookup_file,
            ("/m/raw_lookup", "GET"): self.raw_lookup,
            ("/m/compare", "POST"): self.compare,
            ("/m/index/status", "GET"): self.index_status,
            ("/h/hash", "GET"): self.hash_url,
            ("/h/hash", "POST"): self.hash_file,
            ("/status", "GET"): self.status,
            ("/status/live", "GET"): self.live,
            ("/status/ready", "GET"): self.status,
        }

    async def lookup(self, request: Request) -> Reply:
        """What this platform holds or blocks; ``{}`` when that is nothing."""
        query = request.query()
        if "url" in query:
            raise _no_fetching()
        signal, kind = query.get("signal"), query.get("signal_type")
        if not signal or not kind:
            raise Refusal(400, "malformed", "Either url or both signal and signal_type are required")
        answer = await self._asking.one(_question(kind, signal, query.get("seed", "")))
        return _told(answer, _by_bank(_enabled(answer, query), kind))

    async def raw_lookup(self, request: Request) -> Reply:
        """Everything near, whatever the policy says of it."""
        query = request.query()
        missing = [
            {"type": "missing", "loc": [name], "msg": "Field required", "input": {}}
            for name in ("signal", "signal_type")
            if name not in query
        ]
        if missing:
            return Reply(_encode(missing), 422)
        kind = query["signal_type"]
        answer = await self._asking.one(_question(kind, query["signal"], ""))
        met = _of_banks(answer.found, query)
        if query.get("include_distance", "").lower() in {"true", "1", "yes", "on", "t", "y"}:
            return _told(answer, {"matches": [_match(one, kind) for one in met]})
        return _told(answer, {"matches": [content_id(one) for one in met]})

    async def lookup_file(self, request: Request) -> Reply:
        """The same of a file: the outer names are the signals that were asked."""
        file = await self._file(request)
        query = request.query()
        read, answer = await self._asking.upload(file.data, _hint(file), seed=query.get("seed", ""))
        if read.trouble and not answer.found:
            raise read.trouble
        signal = "video_md5" if read.kind is Kind.VIDEO else "pdq"
        met = _enabled(answer, query)
        if signal == "pdq":
            return _told(answer, {"pdq": _by_bank(met, "pdq")})
        frames = _by_bank([one for one in met if not one.is_exact], "pdq")
        told = {"video_md5": _by_bank([one for one in met if one.is_exact], signal)}
        return _told(answer, {**told, "pdq": frames} if frames else told)

    async def hash_file(self, request: Request) -> Reply:
        """The one answer that holds a fingerprint: that of the file which was just sent, as HMA gives it."""
        file = await self._file(request)
        asked = request.query().get("types")
        signal = CONTENTS[file.field_name]
        for name in (one.strip() for one in (asked or "").split(",")):
            if name and name != signal:
                raise Refusal(400, "unknown", "signal type doesn't exist or is disabled")
        read = await self._asking.read(file.data, _hint(file))
        if signal == "video_md5":
            md5 = next(one for one in read.question.digests if isinstance(one, Md5))
            return Reply(_encode({"video_md5": md5.hex()}))
        if read.trouble:
            raise read.trouble
        is_good = read.question.qualities[0] >= LEAST_QUALITY
        return Reply(_encode({"pdq": Pdq(read.question.pdqs[0].tobytes()).hex() if is_good else ""}))

    async def hash_url(self, request: Request) -> Reply:
        """This matcher opens no address for anybody."""
        raise _no_fetching()

    async def compare(self, request: Request) -> Reply:
        """Pairs of fingerprints: whether they are near, and how near."""
        try:
            asked = msgspec.json.decode(await request.body(MOST_COMPARED))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise Refusal(400, "malformed", "The request is not JSON.") from None
        if not isinstance(asked, dict):
            raise Refusal(400, "malformed", "Request input was not a dict")
        return Reply(_encode({_known(kind): _compared(kind, pair) for kind, pair in asked.items()}))

    async def index_status(self, request: Request) -> Reply:
        """How much is held; ``built_to`` in seconds since 1970: when the list heard of last was read."""
        asked = request.query().get("signal_type")
        if asked is not None and asked not in SIGNALS:
            raise Refusal(400, "unknown", "No such signal type")
        read = [one for one in self._health.standings() if one.age is not None]
        now = self._health.now().timestamp()
        built = int(now - max(one.age or 0.0 for one in read)) if read else -1
        sizes = {"pdq": sum(one.fingerprints for one in read), "video_md5": sum(one.entries for one in read)}
        told = {name: {"present": bool(read), "built_to": built, "size": size} for name, size in sizes.items()}
        return Reply(_encode(told if asked is None else {asked: told[asked]}))

    async def status(self, request: Request) -> Reply:
        """Whether it may be sent questions, in HMA's words."""
        states = {one.state for one in self._health.standings()}
        if "unread" in states:
            return Reply(b"INDEX-NOT-LOADED", 503, b"text/html; charset=utf-8")
        if "stale" in states:
            return Reply(b"INDEX-STALE", 503, b"text/html; charset=utf-8")
        return Reply(b"I-AM-ALIVE", 200, b"text/html; charset=utf-8")

    async def live(self, request: Request) -> Reply:
        """It answers."""
        return Reply(b"I-AM-ALIVE", 200, b"text/html; charset=utf-8")

    async def _file(self, request: Request) -> FormFile:
        kind, parameters = media_type(request.header(b"content-type"))
        if kind != "multipart/form-data":
            raise Refusal(400, "malformed", "Missing multipart/form-data file upload")
        try:
            form = read_form(await request.body(self._most_upload), parameters.get("boundary", ""))
        except Refusal as refusal:
            raise refusal if refusal.status != 400 else malformed() from None
        if not form.files:
            raise Refusal(400, "malformed", "Missing multipart/form-data file upload")
        if len(form.files) > 1:
            raise Refusal(400, "malformed", "Only one file allowed per request")
        if form.files[0].field_name not in CONTENTS:
            raise Refusal(400, "unknown", "no such content_type: a file is sent as “photo” or “video”")
        return form.files[0]


def _no_fetching() -> Refusal:
    return Refusal(403, "not_allowed", "This matcher opens no address: send the file itself, by POST.")


def _hint(file: FormFile) -> str:
    return "video/" if file.field_name == "video" else "image/"


def _known(kind: str) -> str:
    if kind not in SIGNALS:
        raise Refusal(
            400, "unknown", f"No such SignalType '{kind}'" if re.fullmatch(r"[a-z0-9_]{1,20}", kind) else "No such SignalType"
        )
    return kind


def _parsed(kind: str, text: object) -> Pdq | Md5:
    if not isinstance(text, str) or not WRITTEN[_known(kind)].fullmatch(text):
        raise NotAFingerprint(f"invalid {'PDQ' if kind == 'pdq' else 'MD5'} hash")
    return SIGNALS[kind].parse(text)


def _question(kind: str, signal: str, seed: str) -> Question:
    try:
        found = _parsed(kind, signal)
    except NotAFingerprint as error:
        raise Refusal(400, "malformed", f"invalid signal: {error}") from None
    if isinstance(found, Pdq):
        return Question(np.frombuffer(found.value, np.uint8).reshape(1, 32), ("whole",), (100,), (), seed[:200])
    return Question(digests=(found,), seed=seed[:200])


def _enabled(answer: Answer, query: Mapping[str, str]) -> Sequence[Found]:
    """What HMA calls enabled: what this platform acts on, in the share of uploads it acts on."""
    bypasses = query.get("bypass_coinflip", "false") == "true"
    return [one for one in _of_banks(answer.found, query) if one.outcome in ACTED_ON or (bypasses and one.because in DOUBT)]


def _of_banks(found: Iterable[Found], query: Mapping[str, str]) -> list[Found]:
    wanted = set(query["banks"].split(",")) if query.get("banks") else None
    return [one for one in found if wanted is None or bank_of(one.list_name) in wanted]


def _by_bank(found: Sequence[Found], kind: str) -> dict[str, list[dict[str, int | str]]]:
    banks: dict[str, list[dict[str, int | str]]] = {}
    for one in found:
        banks.setdefault(bank_of(one.list_name), []).append(_match(one, kind))
    return banks


def _match(found: Found, kind: str) -> dict[str, int | str]:
    exact = "0" if kind == "pdq" else NO_DISTANCE
    return {"bank_content_id": content_id(found), "distance": exact if found.distance is None else str(found.distance)}


def _told(answer: Answer, told: object) -> Reply:
    return Reply(_encode(told), headers=[(TRACE, answer.trace_id.encode())])


def _compared(kind: str, pair: object) -> list[object]:
    if not isinstance(pair, list):
        raise Refusal(400, "malformed", f"Comparison hashes for {_known(kind)} was not a list")
    if len(pair) != 2:
        raise Refusal(400, "malformed", "Comparison hash list length must be exactly 2")
    try:
        left, right = _parsed(kind, pair[0]), _parsed(kind, pair[1])
    except NotAFingerprint as error:
        raise Refusal(400, "malformed", f"Invalid {kind} hash: {error}") from None
    if isinstance(left, Pdq) and isinstance(right, Pdq):
        distance = left.distance(right)
        return [distance <= USUAL_RADIUS, {"distance": distance}]
    return [left == right, {}]
