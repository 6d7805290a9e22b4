"""What /openapi.json says is true: everything is asked by it, and every answer is as it says."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.matcher.web.doors import HMA_PREFIX
from rempart.matcher.web.openapi import description
from tests.matcher.web.conftest import DRAWN
from tests.matcher.web.served import Told, Worker

Schema = dict[str, Any]
DESCRIBED = description(HMA_PREFIX, 8 * 10**6)
OPERATIONS = sorted((path, method) for path, methods in DESCRIBED["paths"].items() for method in methods)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 10**12) | st.text(max_size=70),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def resolved(schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Schema = DESCRIBED["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """Values as a schema asks for them."""
    schema = resolved(schema)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return st.one_of([values(one) for one in schema[word]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    made: dict[str, Any] = {
        "string": lambda: texts(schema),
        "integer": lambda: st.integers(schema.get("minimum", -(10**6)), schema.get("maximum", 10**6)),
        "null": st.none,
        "boolean": st.booleans,
        "array": lambda: st.lists(
            values(schema.get("items", {})), min_size=schema.get("minItems", 0), max_size=min(schema.get("maxItems", 4), 4)
        ),
        "object": lambda: objects(schema),
    }
    return made[schema["type"]]() if schema.get("type") in made else ANYTHING


def texts(schema: Schema) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(re.compile(schema["pattern"]), fullmatch=True).filter(lambda text: not text.endswith("\n"))
    return st.text(min_size=schema.get("minLength", 0), max_size=min(schema.get("maxLength", 90), 90))


def objects(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    wanted = {name: values(one) for name, one in schema.get("properties", {}).items()}
    required = {name: wanted.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=wanted)


def wrong_with(value: Any, schema: Schema, at: str = "$") -> str:
    """Why a value is not as the schema says; empty when it is."""
    schema = resolved(schema)
    for word in ("anyOf", "oneOf"):
        if word in schema:
            faults = [wrong_with(value, one, at) for one in schema[word]]
            return "" if "" in faults else " / ".join(faults)
    if "enum" in schema:
        return "" if value in schema["enum"] else f"{at} is none of the words"
    kinds = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "null": type(None),
        "boolean": bool,
        "array": list,
        "object": dict,
    }
    if "type" in schema and (
        not isinstance(value, kinds[schema["type"]]) or (isinstance(value, bool) and schema["type"] != "boolean")
    ):
        return f"{at} is no {schema['type']}"
    if isinstance(value, list):
        return next(filter(None, (wrong_with(one, schema.get("items", {}), f"{at}[…]") for one in value)), "")
    if isinstance(value, dict):
        return wrong_with_object(value, schema, at)
    return ""


def wrong_with_object(value: dict[str, Any], schema: Schema, at: str) -> str:
    missing = [name for name in schema.get("required", ()) if name not in value]
    if missing:
        return f"{at} has no {missing[0]}"
    for name, one in value.items():
        inner = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
        fault = (
            "is not described" if inner is False else wrong_with(one, inner if isinstance(inner, dict) else {}, f"{at}.{name}")
        )
        if fault:
            return fault
    return ""


def must_be_described(told: Told, operation: Schema, where: str) -> None:
    described = operation["responses"].get(str(told.status))
    assert described is not None, f"{where} answered {told.status}, which is not described: {told.body[:200]!r}"
    kind = told.headers["content-type"].partition(";")[0]
    assert kind in described["content"], (where, kind)
    if kind == "application/json":
        assert wrong_with(told.json, described["content"][kind]["schema"]) == "", where
    assert told.status != 500


@cache
def asked_of(path: str, method: str) -> st.SearchStrategy[tuple[str, bytes | None, str]]:
    """Query, body and its kind: as described, or nearly."""
    operation = DESCRIBED["paths"][path][method]
    parameters = {one["name"]: values(one["schema"]) | st.text(max_size=9) for one in operation.get("parameters", ())}
    query = st.fixed_dictionaries({}, optional=parameters).map(urlencode)
    content = operation.get("requestBody", {}).get("content", {})
    bodies: list[st.SearchStrategy[tuple[bytes | None, str]]] = []
    if "application/json" in content:
        good = values(content["application/json"]["schema"])
        bodies.append(st.tuples((good | ANYTHING).map(lambda value: json.dumps(value).encode()), st.just("application/json")))
    if len(content) > 1 or "multipart/form-data" in content:
        kinds = st.sampled_from(
            ["multipart/form-data; boundary=x", "image/png", "video/mp4", "application/octet-stream", "text/x"]
        )
        files = st.binary(max_size=300) | st.integers(0, len(DRAWN)).map(lambda cut: DRAWN[:cut])
        wrapped = files.map(
            lambda data: b'--x\r\nContent-Disposition: form-data; name="photo"; filename=f\r\n\r\n' + data + b"\r\n--x--"
        )
        bodies.append(st.tuples(files | wrapped, kinds))
    body = st.one_of(bodies) if bodies else st.just((None, "text/plain"))
    return st.tuples(query, body).map(lambda pair: (pair[0], *pair[1]))


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_every_answer_is_as_described(served: Worker, path: str, method: str, data: st.DataObject) -> None:
    query, body, kind = data.draw(asked_of(path, method))
    told = served.ask(method.upper(), f"{path}?{query}", body, Content_Type=kind)
    must_be_described(told, DESCRIBED["paths"][path][method], f"{method} {path}")


def test_it_is_served_and_names_every_path(served: Worker) -> None:
    told = served.get("/openapi.json", Authorization="").json
    assert told["openapi"] == "3.1.0"
    assert sorted(told["paths"]) == sorted(DESCRIBED["paths"])
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(told)))
    assert references <= set(told["components"]["schemas"])
    for path, methods in told["paths"].items():
        others = {"GET", "POST", "PUT", "DELETE"} - {method.upper() for method in methods}
        for method in others:
            answer = served.ask(method, path)
            assert answer.status == 405, (method, path)
            assert set(answer.headers["allow"].split(", ")) == {one.upper() for one in methods}


def test_keys_are_asked_for_as_described(served: Worker) -> None:
    for path, method in OPERATIONS:
        told = served.ask(method.upper(), path, b"{}" if method == "post" else None, Authorization="")
        is_open = DESCRIBED["paths"][path][method].get("security") == []
        assert (told.status == 401) is not is_open, path
