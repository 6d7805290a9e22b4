"""A very small web: requests in, answers out. The rehearsal's pages need no more, and Django's own doors stay out of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from django.template import Context, Engine
from django.utils import translation

from rempart.desk.web.shared.headers import CONTENT_SECURITY_POLICY, PERMISSIONS_POLICY

HERE = Path(__file__).parent
HOUSE_CSS = HERE.parent / "web" / "shared" / "static" / "shared" / "house.css"
BIGGEST_FORM = 64 * 1024
LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Request:
    """What a browser asks."""

    method: str
    host: str
    path: str
    language: str
    query: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)
    origin: str = ""

    @property
    def name(self) -> str:
        """The invented host asked for, without its ending and port; empty for the tour."""
        name = self.host.partition(":")[0].lower()
        return name.removesuffix(".localhost") if name.endswith(".localhost") else ""

    @property
    def is_from_here(self) -> bool:
        """Whether a form was sent by a page of this very host: other sites cannot press our buttons."""
        return self.origin == f"http://{self.host}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What it gets."""

    body: str | bytes = ""
    status: HTTPStatus = HTTPStatus.OK
    kind: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


def redirect(to: str) -> Answer:
    """Go there instead (after a form)."""
    return Answer(status=HTTPStatus.SEE_OTHER, headers=(("Location", to),))


def not_found() -> Answer:
    """There is nothing here."""
    return Answer("Nothing here.", HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8")


@cache
def _engine() -> Engine:
    return Engine(
        dirs=[str(HERE / "templates")],
        builtins=["django.templatetags.i18n", "django.templatetags.tz"],
        autoescape=True,
    )


def page(template: str, language: str, values: dict[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """A page in one language."""
    with translation.override(language):
        context = Context({**values, "language": language, "now": datetime.now(UTC)}, use_tz=True)
        return Answer(_engine().get_template(f"rehearsal/{template}").render(context), status)


@cache
def static(name: str) -> Answer:
    """One of our own files."""
    kinds = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
    path = HOUSE_CSS if name == "house.css" else HERE / "static" / name
    if path.suffix not in kinds or not path.is_file():
        return not_found()
    return Answer(path.read_text(encoding="utf-8"), kind=kinds[path.suffix])


Site = Callable[[Request], Answer]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


def as_wsgi(site: Site) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """The site as a WSGI application, with the same headers as the desk's."""

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = _read(environ)
        with translation.override(request.language if request else None):
            answer = site(request) if request is not None else Answer(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        headers = [
            ("Content-Type", answer.kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
            ("Permissions-Policy", PERMISSIONS_POLICY),
            ("Referrer-Policy", "same-origin"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Robots-Tag", "noindex"),
            ("Cache-Control", "no-store"),
            *answer.headers,
        ]
        start_response(f"{answer.status.value} {answer.status.phrase}", headers)
        return [b"" if request is not None and request.method == "HEAD" else body]

    return application


def _read(environ: dict[str, Any]) -> Request | None:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > BIGGEST_FORM:
        return None
    body = environ["wsgi.input"].read(length).decode("utf-8", "replace") if length else ""
    return Request(
        method=environ["REQUEST_METHOD"],
        host=environ.get("HTTP_HOST", ""),
        path=environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace"),
        language=_wished(environ.get("HTTP_ACCEPT_LANGUAGE", "")),
        query=_first(environ.get("QUERY_STRING", "")),
        form=_first(body),
        origin=environ.get("HTTP_ORIGIN", ""),
    )


def _first(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}


def _wished(header: str) -> str:
    wishes = [part.split(";")[0].strip()[:2].lower() for part in header.split(",")]
    return next((wish for wish in wishes if wish in LANGUAGES), "en")
