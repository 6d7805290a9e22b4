"""A platform's program, as it knocks at the door: one client of a list in each shape, without a browser."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from django.http import HttpResponse
from django.test import Client

from rempart.desk.registers.lists.models import ListClient
from tests.registers.lists import made

NCMEC = "/exchange/minors/hashsharing"
STOPNCII = "/exchange/minors/stopncii/v1"
OURS = "/api/v1/lists/minors"
SPACE = "{https://hashsharing.ncmec.org/hashsharing/v2}"


@dataclass
class Program:
    """Its key, and what it says at each call."""

    client: ListClient
    secret: str
    http: Client = field(default_factory=Client)

    @property
    def basic(self) -> dict[str, str]:
        token = base64.b64encode(f"{self.client.key_id}:{self.secret}".encode()).decode()
        return {"Authorization": f"Basic {token}"}

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.client.key_id}.{self.secret}"}

    @property
    def two_keys(self) -> dict[str, str]:
        return {"Ocp-Apim-Subscription-Key": self.client.key_id, "x-functions-key": self.secret}

    def ncmec(self, path: str, **asked: str) -> HttpResponse:
        return self.http.get(NCMEC + path, asked, headers=self.basic)

    def vote(self, name: str, body: str, kind: str = "PDQ", member: int = 1) -> HttpResponse:
        address = f"{NCMEC}/v2/entries/{member}/{name}/{kind}/feedback"
        return self.http.put(address, body, content_type="application/xml; charset=utf-8", headers=self.basic)

    def stopncii(self, **asked: Any) -> HttpResponse:
        return self.http.get(f"{STOPNCII}/FetchHashes", asked, headers=self.two_keys)

    def ours(self, *, list_name: str = "minors", headers: dict[str, str] | None = None, **asked: str) -> HttpResponse:
        return self.http.get(f"/api/v1/lists/{list_name}/entries", asked, headers={**self.bearer, **(headers or {})})

    def tell(self, *results: Any, key: str = "message-1", raw: str | None = None) -> HttpResponse:
        body = json.dumps({"results": results}) if raw is None else raw
        headers = self.bearer | ({"Idempotency-Key": key} if key else {})
        return self.http.post(f"{OURS}/results", body, content_type="application/json", headers=headers)


def program(name: str = "Piximi", label: str = "production", **also: Any) -> Program:
    return Program(*made.client(name, label, **also))


def told(response: HttpResponse) -> Any:
    body = gzip.decompress(response.content) if response.get("Content-Encoding") == "gzip" else response.content
    return json.loads(body)


def xml(response: HttpResponse) -> ET.Element:
    return ET.fromstring(response.content)


def texts(root: ET.Element, tag: str) -> list[str]:
    return [element.text or "" for element in root.iter(SPACE + tag)]


def has(root: ET.Element, tag: str) -> int:
    return sum(1 for _ in root.iter(SPACE + tag))
