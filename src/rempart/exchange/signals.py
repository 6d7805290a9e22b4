"""An exact copy of a picture's file. The library has this signal for videos only."""

from threatexchange.content_type.content_base import ContentType
from threatexchange.content_type.photo import PhotoContent
from threatexchange.signal_type.sha256 import VideoSHA256Signal


class PhotoSha256Signal(VideoSHA256Signal):
    """SHA-256 of a picture's file. What nobody has confirmed yet is blocked unseen only when this matches."""

    @classmethod
    def get_name(cls) -> str:
        """Its name on the command line and in HMA."""
        return "photo_sha256"

    @classmethod
    def get_content_types(cls) -> list[type[ContentType]]:
        """Pictures."""
        return [PhotoContent]
