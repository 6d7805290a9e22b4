"""Nobody uploads anything to the desk: a file in a form is dropped while it is still on the wire."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

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
