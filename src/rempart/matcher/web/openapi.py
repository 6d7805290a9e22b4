"""The description of every path (OpenAPI 3.1), made from the types that are read and written. Tests ask by it."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Any

import msgspec

from rempart.matcher.web import wire

Schema = dict[str, Any]
REF = "#/components/schemas/{name}"
SHAPES = (
    wire.Fingerprints,
    wire.Batch,
    wire.DecisionTold,
    wire.EntryNamed,
    wire.UploadAnswered,
    wire.Answered,
    wire.BatchAnswered,
    wire.Noted,
    wire.Refused,
    wire.Ready,
)
REFUSALS = {
    "400": "The request is not as described; the sentence says where.",
    "401": "No key, or one that is not known here.",
    "403": "This key may not do that.",
    "408": "The request did not arrive whole in time.",
    "413": "Longer than what is accepted here.",
    "415": "A kind of content that is not taken, or for which a library is missing here.",
    "422": "The file cannot be read, and the same file is on no list.",
    "500": "A mistake of the matcher, noted in its log.",
    "503": "Too busy, or a list cannot be relied on: send it again.",
}
_TEXT: Schema = {"type": "string"}
_FILE: Schema = {"type": "string", "format": "binary"}
_SIGNAL: Schema = {"enum": ["pdq", "video_md5"]}
_YES_NO: Schema = {"enum": ["true", "false"]}
_HMA_STATUSES = ("400", "401", "403", "408", "413", "415", "422", "500", "503")


@cache
def written(hma_prefix: str, most_upload: int) -> bytes:
    """As it is served."""
    return msgspec.json.encode(description(hma_prefix, most_upload))


def description(hma_prefix: str, most_upload: int) -> Schema:
    """All paths. ``most_upload``: bytes of a file."""
    _, schemas = msgspec.json.schema_components(SHAPES, ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Rempart matcher",
            "version": version("rempart"),
            "description": "Is this upload on a list? What is decided about it is told to the list's owner.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {**_ours(most_upload), **_health(), **{hma_prefix + path: told for path, told in _theirs().items()}},
        "components": {
            "schemas": {**schemas, **_hma_schemas()},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic", "description": "The key as a password, with any name."},
            },
        },
        "security": [{"key": []}, {"password": []}],
    }


def _ours(most_upload: int) -> Schema:
    file = {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": _FILE,
            "seed": {"type": "string", "maxLength": 200},
            "account": {"type": "string", "maxLength": 200},
        },
        "additionalProperties": False,
    }
    match = {
        "summary": "Is this upload on a list?",
        "description": "A picture or video (hashed here, kept nowhere), fingerprints, or up to 1,000 of them. A file may have "
        f"{most_upload:,} bytes; beside a raw file, “seed” and “account” are in the query.",
        "parameters": [
            _asked("seed", {"type": "string", "maxLength": 200}),
            _asked("account", {"type": "string", "maxLength": 200}),
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": {"oneOf": [_ref("Fingerprints"), _ref("Batch")]}},
                "multipart/form-data": {"schema": file},
                **{kind: {"schema": _FILE} for kind in ("image/*", "video/*", "application/octet-stream")},
            },
        },
        "responses": {
            "200": _json({"anyOf": [_ref("Answered"), _ref("BatchAnswered"), _ref("UploadAnswered")]}, "What was found."),
            **_refusals("400", "401", "403", "408", "413", "415", "422", "500", "503"),
        },
    }
    return {
        "/v1/match": {"post": match},
        "/v1/decisions": {"post": _told("DecisionTold", "Tell what a person decided, for the owner of the list.")},
        "/v1/entries/disable": {"post": _told("EntryNamed", "Switch an entry off on this platform.")},
        "/v1/entries/enable": {"post": _told("EntryNamed", "Switch it on again.")},
    }


def _told(shape: str, summary: str) -> Schema:
    unknown = {"404": _json(_ref("Refused"), "No such answer, list or entry is known here.")}
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref(shape)}}},
        "responses": {
            "200": _json(_ref("Noted"), "Noted."),
            **unknown,
            **_refusals("400", "401", "403", "408", "413", "415", "500", "503"),
        },
    }


def _health() -> Schema:
    open_to_all: Schema = {"security": []}
    guarded = _refusals("401", "403", "500")
    return {
        "/livez": {"get": {**open_to_all, "summary": "This process answers.", "responses": {"200": _plain("Alive.")}}},
        "/readyz": {
            "get": {
                **open_to_all,
                "summary": "Every list was read, and its owner heard of lately.",
                "responses": {"200": _json(_ref("Ready"), "Ready."), "503": _json(_ref("Ready"), "One is stale or unread.")},
            }
        },
        "/metrics": {"get": {"summary": "Counts, for Prometheus.", "responses": {"200": _plain("Text 0.0.4."), **guarded}}},
        "/openapi.json": {
            "get": {**open_to_all, "summary": "This description.", "responses": {"200": _json({"type": "object"}, "OpenAPI.")}}
        },
        "/": {
            "get": {
                "summary": "The page for people.",
                "parameters": [_asked("lang", {"enum": ["en", "fr"]})],
                "responses": {"200": {"description": "HTML.", "content": {"text/html": {"schema": _TEXT}}}, **guarded},
            }
        },
        "/status.css": {
            "get": {
                **open_to_all,
                "summary": "Its look.",
                "responses": {"200": {"description": "CSS.", "content": {"text/css": {"schema": _TEXT}}}},
            }
        },
    }


def _theirs() -> Schema:
    status = {"200": _html("I-AM-ALIVE"), "503": _html("INDEX-NOT-LOADED or INDEX-STALE")}
    return {
        **_hma_matching(),
        **_hma_hashing(),
        "/status": {"get": {"security": [], "summary": "HMA: ready.", "responses": status}},
        "/status/ready": {"get": {"security": [], "summary": "HMA: ready.", "responses": status}},
        "/status/live": {"get": {"security": [], "summary": "HMA: alive.", "responses": {"200": _html("I-AM-ALIVE")}}},
    }


def _hma_matching() -> Schema:
    signal = [_asked("signal_type", _SIGNAL), _asked("signal", _TEXT), _asked("banks", _TEXT)]
    chance = [_asked("seed", _TEXT), _asked("bypass_coinflip", _YES_NO)]
    file = {"parameters": [_asked("banks", _TEXT), *chance], "requestBody": _hma_form()}
    raw = _hma_answers(_ref("HmaRaw"), "Matches.")
    raw["422"] = _json({"anyOf": [{"type": "array", "items": {"type": "object"}}, _ref("HmaError")]}, "Something is missing.")
    return {
        "/m/lookup": {
            "get": {
                "summary": "HMA: what matches a fingerprint, and is acted on.",
                "parameters": [*signal, *chance, _asked("url", _TEXT)],
                "responses": _hma_answers(_ref("HmaBanks"), "Matches, by bank."),
            },
            "post": {
                "summary": "HMA: the same of a file.",
                **file,
                "responses": _hma_answers(_ref("HmaSignals"), "Matches, by signal and bank."),
            },
        },
        "/m/raw_lookup": {
            "get": {
                "summary": "HMA: all that is near, whatever the policy.",
                "parameters": [*signal, _asked("include_distance", _YES_NO)],
                "responses": raw,
            }
        },
        "/m/index/status": {
            "get": {
                "summary": "HMA: how much is held.",
                "parameters": [_asked("signal_type", _SIGNAL)],
                "responses": _hma_answers(_ref("HmaIndex"), "Sizes."),
            }
        },
    }


def _hma_hashing() -> Schema:
    pair = {"type": "array", "minItems": 2, "maxItems": 2, "items": _TEXT}
    pairs = {"type": "object", "properties": {"pdq": pair, "video_md5": pair}}
    refusals = _refusals(*_HMA_STATUSES, shape="HmaError")
    return {
        "/m/compare": {
            "post": {
                "summary": "HMA: how far apart two fingerprints are.",
                "requestBody": {"required": True, "content": {"application/json": {"schema": pairs}}},
                "responses": _hma_answers({"type": "object"}, "Compared."),
            }
        },
        "/h/hash": {
            "get": {
                "summary": "HMA: refused, this matcher opens no address.",
                "parameters": [_asked("url", _TEXT)],
                "responses": refusals,
            },
            "post": {
                "summary": "HMA: the fingerprint of the file that is sent.",
                "parameters": [_asked("types", _TEXT)],
                "requestBody": _hma_form(),
                "responses": _hma_answers({"type": "object", "additionalProperties": _TEXT}, "By signal."),
            },
        },
    }


def _hma_form() -> Schema:
    form = {"type": "object", "properties": {"photo": _FILE, "video": _FILE}}
    return {"required": True, "content": {"multipart/form-data": {"schema": form}}}


def _hma_answers(schema: Schema, words: str) -> Schema:
    return {"200": _json(schema, words), **_refusals(*_HMA_STATUSES, shape="HmaError")}


def _hma_schemas() -> Schema:
    match: Schema = {
        "type": "object",
        "required": ["bank_content_id", "distance"],
        "properties": {"bank_content_id": {"type": "integer"}, "distance": {"type": "string"}},
    }
    index = {
        "type": "object",
        "required": ["present", "built_to", "size"],
        "properties": {"present": {"type": "boolean"}, "built_to": {"type": "integer"}, "size": {"type": "integer"}},
    }
    either = {"anyOf": [_ref("HmaMatch"), {"type": "integer"}]}
    return {
        "HmaMatch": match,
        "HmaBanks": {"type": "object", "additionalProperties": {"type": "array", "items": _ref("HmaMatch")}},
        "HmaSignals": {"type": "object", "additionalProperties": _ref("HmaBanks")},
        "HmaRaw": {"type": "object", "required": ["matches"], "properties": {"matches": {"type": "array", "items": either}}},
        "HmaIndex": {"type": "object", "additionalProperties": index},
        "HmaError": {"type": "object", "required": ["message"], "properties": {"message": _TEXT}},
    }


def _refusals(*statuses: str, shape: str = "Refused") -> Schema:
    return {status: _json(_ref(shape), REFUSALS[status]) for status in statuses}


def _ref(name: str) -> Schema:
    return {"$ref": REF.format(name=name)}


def _json(schema: Schema, words: str) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _plain(words: str) -> Schema:
    return {"description": words, "content": {"text/plain": {"schema": _TEXT}}}


def _html(words: str) -> Schema:
    return {"description": words, "content": {"text/html": {"schema": _TEXT}}}


def _asked(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema}
