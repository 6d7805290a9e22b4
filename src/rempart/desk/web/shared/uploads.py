"""Nobody uploads anything to the desk: a file in a form is dropped while it is still on the wire."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.http.response import HttpResponseBase

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

MOST_BYTES = 32 * 1024 * 1024
"""Beyond this a form is refused at once (413) instead of being read to its end for the few words in it."""


class RefuseUploads(FileUploadHandler):
    """Skips every file part; not one byte of it is kept, in memory or on disk. The page can say so (:func:`had_file`)."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        if content_length > MOST_BYTES:
            raise RequestDataTooBig("a form with files is too large")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        if self.request is not None:
            self.request.META["rempart.had_file"] = True
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> None:
        return None


def had_file(request: HttpRequest) -> bool:
    """Whether a file came with this form. Reads the form first: only then is it known."""
    _read_now = request.POST
    return bool(request.META.get("rempart.had_file", False))


def takes_up_to(most_bytes: int) -> Callable[[View], View]:
    """Mark a view whose form may be larger than DATA_UPLOAD_MAX_MEMORY_SIZE lets every other be."""

    def mark(view: View) -> View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return mark


class RoomForLargeForms:
    """Reads the form of a marked view before anybody asks for it, within the view's own limit. Stands before the CSRF check."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        most = getattr(view, "most_bytes", None)
        if most is None or request.content_type != "application/x-www-form-urlencoded":
            return
        said = request.META.get("CONTENT_LENGTH") or "0"
        length = int(said) if said.isascii() and said.isdecimal() else 0
        if length > most:
            raise RequestDataTooBig("a form is too large")
        body = request.read()
        if len(body) < length:
            raise BadRequest("a form was cut on its way")
        # Django's own reading checks the size only where nobody has read yet.
        request._body = body
