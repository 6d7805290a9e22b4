"""Our own paths: is this upload on a list, and what was decided about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from rempart.matcher.lookup import Question
from rempart.matcher.results import Verdict
from rempart.matcher.web import wire
from rempart.matcher.web.asking import Asking
from rempart.matcher.web.exchange import JSON, Refusal, Reply, Request, media_type
from rempart.matcher.web.forms import read_form
from rempart.matcher.web.hooks import DecisionMade, Hooks

T = TypeVar("T")
MOST_JSON = 1 << 20
_encode = msgspec.json.Encoder().encode
_asked = msgspec.json.Decoder(wire.Asked)
_decision = msgspec.json.Decoder(wire.DecisionTold)
_entry = msgspec.json.Decoder(wire.EntryNamed)


class Matching:
    """``most_upload``: bytes of a file."""

    def __init__(self, asking: Asking, hooks: Hooks, *, most_upload: int) -> None:
        self._asking, self._hooks, self._most_upload = asking, hooks, most_upload

    async def match(self, request: Request) -> Reply:
        """A file, fingerprints, or many of them: told by the content type."""
        stated = request.header(b"content-type")
        if stated == JSON:
            return await self._fingerprints(request)
        kind, parameters = media_type(stated)
        if kind == "application/json":
            return await self._fingerprints(request)
        if kind == "multipart/form-data":
            form = read_form(await request.body(self._most_upload), parameters.get("boundary", ""))
            if len(form.files) != 1:
                raise Refusal(400, "malformed", "One file is asked about at a time: the form must hold one, and no more.")
            texts = {name: form.texts.get(name, "")[:200] for name in ("seed", "account")}
            hint, data = form.files[0].content_type, form.files[0].data
            del form
            return await self._upload(data, media_type(hint)[0], texts["seed"], texts["account"])
        if kind.startswith(("image/", "video/")) or kind == "application/octet-stream":
            query = request.query()
            data = await request.body(self._most_upload)
            return await self._upload(data, kind, query.get("seed", "")[:200], query.get("account", "")[:200])
        sentence = "Send a file as multipart/form-data, image/… or video/…, or fingerprints as application/json."
        raise Refusal(415, "unknown_kind", sentence)

    async def decide(self, request: Request) -> Reply:
        """A decision of a person of the platform, on its way to the owner of the list."""
        told = await _read(request, _decision)
        if (told.trace_id is None) == (told.list is None) or (told.list is None) != (told.entry is None):
            raise Refusal(400, "malformed", "A decision is about “trace_id”, or about “list” and “entry”.")
        if (told.verdict is Verdict.NOT_BLOCKED) != (told.reason is not None):
            raise Refusal(400, "malformed", "“not_blocked” comes with a reason, and nothing else does.")
        made = DecisionMade(told.verdict, told.reason, told.trace_id, told.list, told.entry)
        return await self._noted(lambda: self._hooks.decide(made))

    async def disable(self, request: Request) -> Reply:
        """From the next answer on, this entry blocks nothing here."""
        told = await _read(request, _entry)
        return await self._noted(lambda: self._hooks.disable(told.list, told.entry, told.why))

    async def enable(self, request: Request) -> Reply:
        """That is taken back."""
        told = await _read(request, _entry)
        return await self._noted(lambda: self._hooks.enable(told.list, told.entry, told.why))

    async def _fingerprints(self, request: Request) -> Reply:
        asked = await _read(request, _asked)
        if asked.fingerprints is None:
            answer = await self._asking.one(_question(asked), asked.account)
            return Reply(_encode(wire.Answered.of(answer)))
        if (asked.pdq, asked.sha256, asked.md5, asked.seed, asked.account) != (None, None, None, "", ""):
            raise Refusal(400, "malformed", "Beside “fingerprints” nothing else is asked.")
        questions = [_question(one) for one in asked.fingerprints]
        answers = await self._asking.many(questions, [one.account for one in asked.fingerprints])
        return Reply(_encode(wire.BatchAnswered([wire.Answered.of(one) for one in answers])), counted="batch")

    async def _upload(self, data: bytes, kind: str, seed: str, account: str) -> Reply:
        if not data:
            raise Refusal(400, "malformed", "The file is empty.")
        read, answer = await self._asking.upload(data, kind, seed=seed, account=account)
        if read.trouble and not answer.found:
            raise read.trouble
        told = wire.Answered.of(answer)
        note = read.trouble.sentence if read.trouble else ""
        reply = wire.UploadAnswered(told.trace_id, told.outcome, told.found, told.unready, read.kind.value, read.views, note)
        return Reply(_encode(reply), counted="upload")

    async def _noted(self, call: Callable[[], None]) -> Reply:
        try:
            await self._asking.run(call)
        except LookupError:
            raise Refusal(404, "unknown", "Nothing of this name is known here.") from None
        return Reply(_encode(wire.Noted()))


def _question(asked: wire.Fingerprints) -> Question:
    question = wire.question_of(asked)
    if question is None:
        raise Refusal(400, "malformed", "At least one of “pdq”, “sha256” and “md5” is needed.")
    return question


async def _read(request: Request, decoder: msgspec.json.Decoder[T]) -> T:
    """Raises Refusal (400) with the place of the mistake, and nothing of what stood there."""
    stated = request.header(b"content-type")
    if stated != JSON and media_type(stated)[0] != "application/json":
        raise Refusal(415, "unknown_kind", "This is sent as application/json.")
    try:
        return decoder.decode(await request.body(MOST_JSON))
    except msgspec.ValidationError as error:
        _, _, place = str(error).partition(" - at `")
        where = f" The mistake is at {place.rstrip('`')}." if place else ""
        raise Refusal(400, "malformed", f"The request is not as the description says.{where}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(400, "malformed", "The request is not JSON.") from None
