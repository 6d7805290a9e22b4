"""This door in the words of OpenAPI 3.1, written by hand; the tests ask every address what is written here, and at random."""

from typing import Any

from rempart.desk.outlets.lists import feed, match, stopncii
from rempart.desk.outlets.lists.ncmec import FingerprintType
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.protection import Kind
from rempart.desk.rules.trust import Act, RefusalReason, Trust, Vote

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
MOMENT: Schema = {"type": "string", "format": "date-time"}
NAME: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "Another one for each client."}
DIGEST: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
XML, JSON = "application/xml", "application/json"

REFUSALS = {
    "400": "What was asked cannot be read; nothing was done.",
    "401": "The key is missing, wrong or revoked.",
    "403": "This client may not read this list, or the list does not take this.",
    "413": "The body is too long.",
    "429": "Too many calls; Retry-After says when to come back.",
    "503": "The list cannot be read at the moment.",
}


def describe() -> Schema:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rempart: lists for platforms",
            "version": "1",
            "description": (
                "Fingerprints are as secret as the pictures they were made from. Keep no copy that you do not need, write none "
                "in a log or an address, and go on from the last cursor: what a person takes back comes as a withdrawn entry."
            ),
        },
        "components": {"securitySchemes": SECURITY, "schemas": SCHEMAS},
        "paths": PATHS,
    }


def _one_of(values: type) -> Schema:
    return {"type": "string", "enum": [value.value for value in values]}  # type: ignore[attr-defined]


def _object(required: str, **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": required.split()}


SECURITY: Schema = {
    "ours": {"type": "http", "scheme": "bearer", "description": "KEY_ID.SECRET"},
    "ncmec": {"type": "http", "scheme": "basic", "description": "User: KEY_ID; password: SECRET."},
    "stopnciiSubscription": {"type": "apiKey", "in": "header", "name": "Ocp-Apim-Subscription-Key", "description": "KEY_ID"},
    "stopnciiFunction": {"type": "apiKey", "in": "header", "name": "x-functions-key", "description": "SECRET"},
}
_OURS: list[Schema] = [{"ours": []}]
_NCMEC: list[Schema] = [{"ncmec": []}]
_STOPNCII: list[Schema] = [{"stopnciiSubscription": [], "stopnciiFunction": []}]

_ADVICE = _object("exact near", exact=_one_of(Act), near=_one_of(Act))
_PDQ = _object("pdq quality", pdq=DIGEST, quality=COUNT, variant=TEXT, second=COUNT)
_ENTRY = _object(
    "name state kind updated_at",
    name=NAME,
    state={"type": "string", "enum": ["listed", "not_listed", "withdrawn", "expired"]},
    kind=_one_of(Kind),
    classification=_one_of(ListName),
    trust=_one_of(Trust),
    advice=_ADVICE,
    own_vote={"enum": [*(vote.value for vote in Vote), None]},
    pipeline=TEXT,
    sha256={"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$"},
    pdqs={"type": "array", "items": _PDQ},
    declared_at={"type": "string", "format": "date"},
    updated_at=MOMENT,
)
_RESULT = _object(
    "name",
    name=NAME,
    seen={"type": "integer", "minimum": 0, "maximum": feed.MOST_MATCHES},
    accounts={"type": "string", "enum": list(feed.ACCOUNTS)},
    outcome={
        "type": "string",
        "enum": ["blocked", "not_blocked", "under_review"],
        "description": "Only once a person of the platform has looked; what a machine blocks is told as seen.",
    },
    reason=_one_of(RefusalReason),
    at=MOMENT,
)
SCHEMAS: Schema = {
    "Entry": _ENTRY,
    "Page": _object(
        "list distance least_quality entries next has_more",
        list=_one_of(ListName),
        distance=COUNT,
        least_quality=COUNT,
        entries={"type": "array", "items": {"$ref": "#/components/schemas/Entry"}},
        next=TEXT,
        has_more={"type": "boolean"},
    ),
    "Results": _object("results", results={"type": "array", "items": _RESULT, "minItems": 1, "maxItems": feed.MOST_RESULTS}),
    "Taken": _object(
        "taken unknown repeated", taken=COUNT, unknown={"type": "array", "items": NAME}, repeated={"type": "boolean"}
    ),
    "Error": _object("error message", error=TEXT, message=TEXT),
    "Feedbacks": _object(
        "hashFeedbacks",
        count=COUNT,
        hashFeedbacks={
            "type": "array",
            "maxItems": stopncii.MOST_FEEDBACKS,
            "items": _object(
                "hashValue feedbackValue",
                hashValue=DIGEST,
                feedbackValue=_one_of(stopncii.Value),
                tags={"type": "array", "items": TEXT},
            ),
        },
    ),
}


def _parameter(name: str, schema: Schema, *, where: str = "query", is_required: bool = False) -> Schema:
    return {"name": name, "in": where, "required": is_required or where == "path", "schema": schema}


def _act(about: str, security: list[Schema], content: str, *parameters: Schema, body: Schema | None = None) -> Schema:
    answers = {"200": {"description": "Done.", "content": {content: {}}}}
    answers |= {status: {"description": words, "content": {content: {}}} for status, words in REFUSALS.items()}
    told: Schema = {"summary": about, "security": security, "parameters": [LIST, *parameters], "responses": answers}
    return told | ({"requestBody": {"required": True, "content": {content: {"schema": body}}}} if body else {})


LIST = _parameter("list", _one_of(ListName), where="path")
_KIND = _parameter("type", _one_of(FingerprintType), where="path")
_HASHSHARING, _V1 = "/exchange/{list}/hashsharing/v2", "/exchange/{list}/stopncii/v1"

_READ = _act(
    "What changed on a list after a cursor, in order; tombstones for ever.",
    _OURS,
    JSON,
    _parameter("after", {"type": "string", "description": "The next of the page before; leave it out to begin."}),
    _parameter("limit", {"type": "integer", "minimum": 1, "maximum": feed.MOST, "default": feed.USUAL}),
    _parameter("If-None-Match", TEXT, where="header"),
)
_READ["responses"] |= {"304": {"description": "Nothing changed since."}}
_RESULTS = _act(
    "What a platform saw and what its people decided.",
    _OURS,
    JSON,
    _parameter("Idempotency-Key", {"type": "string", "minLength": 8, "maxLength": 64}, where="header", is_required=True),
    body={"$ref": "#/components/schemas/Results"},
)
_RESULTS["responses"] |= {"409": {"description": "Another message already had this Idempotency-Key."}}
_MATCH = _act("Which of a platform's uploads are like something protected.", _OURS, JSON, body=match.SCHEMAS["asked"])
_MATCH |= {"parameters": []}
_MATCH["responses"]["200"]["content"] = {JSON: {"schema": match.SCHEMAS["answers"]}}
_VOTE = _act(
    "What a platform's people decided.",
    _NCMEC,
    XML,
    _parameter("member", TEXT, where="path"),
    _parameter("id", TEXT, where="path"),
    _KIND,
    body={"type": "string", "description": "feedbackSubmission, as XML"},
)
_VOTE["responses"] |= {"404": {"description": "This client was never given such an entry."}}
_PAGES = (
    _parameter("from", MOMENT),
    _parameter("to", MOMENT),
    _parameter("cursor", {"type": "string", "description": "From the next of the page before."}),
)

PATHS: Schema = {
    "/api/v1/lists/{list}/entries": {"get": _READ},
    "/api/v1/lists/{list}/results": {"post": _RESULTS},
    "/api/v1/match": {"post": _MATCH},
    f"{_HASHSHARING}/status": {"get": _act("Who the client is.", _NCMEC, XML)},
    f"{_HASHSHARING}/members": {"get": _act("Whose entries and opinions the client sees.", _NCMEC, XML)},
    f"{_HASHSHARING}/entries": {"get": _act("What changed in a stretch of time.", _NCMEC, XML, *_PAGES)},
    f"{_HASHSHARING}/feedback/{{type}}/reasons": {"get": _act("Why one may not block.", _NCMEC, XML, _KIND)},
    f"{_HASHSHARING}/entries/{{member}}/{{id}}/{{type}}/feedback": {"put": _VOTE},
    f"{_V1}/FetchHashes": {
        "get": _act(
            "What changed since a second.",
            _STOPNCII,
            JSON,
            _parameter("startTimestamp", COUNT),
            _parameter("pageSize", {"type": "integer", "minimum": 1}),
            _parameter("nextPageToken", TEXT),
        )
    },
    f"{_V1}/SubmitFeedback": {
        "post": _act("What a platform's people decided.", _STOPNCII, JSON, body={"$ref": "#/components/schemas/Feedbacks"})
    },
    f"{_V1}/SubmitHashes": {"post": _act("Never taken: 403.", _STOPNCII, JSON, body={"type": "object"})},
}
