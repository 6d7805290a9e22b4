"""Nobody uploads anything to the desk: a file in a form is dropped while it is still on the wire."""

from typing import IO, Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class RefuseUploads(FileUploadHandler):
    """Skips every file part; not one byte of it is kept, in memory or on disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None

    def file_complete(self, file_size: int) -> IO[Any] | None:
        return None
