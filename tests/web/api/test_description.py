"""The description says every address, and whatever is asked within it or beside it, no address breaks or says what was asked."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rempart.desk.web.api.description import describe
from tests.conventions.routes import routes
from tests.registers.bank.pictures import protect
from tests.web.api.hands import Program, program, told

pytestmark = pytest.mark.django_db

PATHS: dict[str, dict[str, Any]] = describe()["paths"]
ACTS = [(path, method, act) for path, methods in PATHS.items() for method, act in methods.items()]
OPEN = {"api:description", "api:signing-key"}
FINE = {200, 304, 400, 401, 403, 404, 405, 409, 413}

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
no_slash = text.filter(lambda word: "/" not in word and "\n" not in word and word not in {"", ".", ".."})


def test_it_is_served_to_everybody() -> None:
    answer = Client().get("/api/v1/openapi.json")
    assert (answer.status_code, told(answer)["openapi"]) == (200, "3.1.0")


def test_it_says_every_address() -> None:
    served = {route.name for route in routes() if route.door == "api"} - OPEN
    assert len(PATHS) == len(served)


def test_every_act_says_who_may_and_what_goes_wrong() -> None:
    for path, method, act in ACTS:
        assert act["security"], (path, method)
        assert {"200", "400", "401", "403", "413", "429", "503"} <= set(act["responses"])
        named = set(re.findall(r"\{(\w+)\}", path))
        assert named == {one["name"] for one in act["parameters"] if one["in"] == "path"}


def json_values(depth: int = 2) -> st.SearchStrategy[Any]:
    simple = st.one_of(st.none(), st.booleans(), st.integers(), text)
    return simple if depth == 0 else st.one_of(simple, st.lists(json_values(depth - 1), max_size=3), objects(depth))


def objects(depth: int) -> st.SearchStrategy[Any]:
    names = st.sampled_from(["results", "name", "seen", "outcome", "reason", "at", "hashFeedbacks", "hashValue", "feedbackValue"])
    return st.dictionaries(st.one_of(names, text), json_values(depth - 1), max_size=4)


@st.composite
def questions(draw: st.DrawFn) -> tuple[str, str, dict[str, str], str]:
    """An address, filled as described or not; its method; what is asked; a body."""
    path, method, act = draw(st.sampled_from(ACTS))
    for one in act["parameters"]:
        if one["in"] == "path":
            within = st.sampled_from(one["schema"]["enum"]) if "enum" in one["schema"] else no_slash
            path = path.replace(f"{{{one['name']}}}", draw(st.one_of(within, within, no_slash)))
    asked = {one["name"]: draw(text) for one in act["parameters"] if one["in"] == "query" and draw(st.booleans())}
    return path, method, asked, draw(st.one_of(json_values().map(json.dumps), text))


def knock(reader: Program, path: str, method: str, asked: dict[str, str], body: str) -> HttpResponse:
    from urllib.parse import quote, urlencode

    headers = {**reader.two_keys, **(reader.basic if "/hashsharing/" in path else reader.bearer), "Idempotency-Key": "fuzz-1234"}
    address = f"{quote(path)}?{urlencode(asked)}"
    sent = {} if method == "get" else {"data": body, "content_type": "application/json"}
    return reader.http.generic(method.upper(), address, headers=headers, **sent)


@pytest.mark.slow
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(questions())
def test_nothing_breaks_it(fuzzed: Program, question: tuple[str, str, dict[str, str], str]) -> None:
    answer = knock(fuzzed, *question)
    assert answer.status_code in FINE, question
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.fixture
def fuzzed() -> Program:
    protect("a", "b")
    return program(calls_per_minute=100_000)
