"""A very small web: requests in, answers out. The rehearsal's pages need no more, and Django's own doors stay out of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from django.core.exceptions import SuspiciousOperation
from django.core.files.base import ContentFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.template import Context, Engine
from django.utils import translation

from rempart.desk.web.shared.headers import CONTENT_SECURITY_POLICY, PERMISSIONS_POLICY

HERE = Path(__file__).parent
HOUSE_CSS = HERE.parent / "web" / "shared" / "static" / "shared" / "house.css"
BIGGEST_FORM = 64 * 1024
BIGGEST_UPLOAD = 8 * 1024 * 1024
MOST_DRAINED = 64 * 1024 * 1024
UPLOAD = "multipart/form-data"
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
    file: bytes = field(default=b"", repr=False)
    """The one file of a form; it never touches the disk."""

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
    is_upload = environ.get("CONTENT_TYPE", "").startswith(UPLOAD)
    if length > (BIGGEST_UPLOAD if is_upload else BIGGEST_FORM):
        _drain(environ["wsgi.input"], min(length, MOST_DRAINED))
        return None
    body = environ["wsgi.input"].read(length) if length else b""
    form, file = _parts(environ, body) if is_upload else (_first(body.decode("utf-8", "replace")), b"")
    return Request(
        method=environ["REQUEST_METHOD"],
        host=environ.get("HTTP_HOST", ""),
        path=environ.get("PATH_INFO", "/").encode("latin-1").decode("utf-8", "replace"),
        language=_wished(environ.get("HTTP_ACCEPT_LANGUAGE", "")),
        query=_first(environ.get("QUERY_STRING", "")),
        form=form,
        origin=environ.get("HTTP_ORIGIN", ""),
        file=file,
    )


def _drain(stream: Any, length: int) -> None:
    """Read and forget: a line cut in the middle of a form would hide the answer from the browser."""
    while length > 0 and (piece := stream.read(min(length, BIGGEST_FORM))):
        length -= len(piece)


class _InMemory(FileUploadHandler):
    """Keeps a file in memory, whatever its size: the form is bounded already."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._pieces: list[bytes] = []

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._pieces.append(raw_data)

    def file_complete(self, file_size: int) -> Any:
        return ContentFile(b"".join(self._pieces), "file")


def _parts(environ: dict[str, Any], body: bytes) -> tuple[dict[str, str], bytes]:
    """Texts and the file of a form; nothing where it cannot be read."""
    told = {"CONTENT_TYPE": environ["CONTENT_TYPE"], "CONTENT_LENGTH": str(len(body))}
    try:
        texts, files = MultiPartParser(told, BytesIO(body), [_InMemory()], "utf-8").parse()
    except (MultiPartParserError, SuspiciousOperation):
        return {}, b""
    found: Any = next((files[name] for name in files), None)
    return {name: str(texts[name]) for name in texts}, found.read() if found is not None else b""


def _first(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}


def _wished(header: str) -> str:
    wishes = [part.split(";")[0].strip()[:2].lower() for part in header.split(",")]
    return next((wish for wish in wishes if wish in LANGUAGES), "en")
