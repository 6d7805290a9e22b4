"""What every template knows about the house."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, Any]:
    """The association, whether this is a rehearsal, and where the leave-quickly button goes."""
    return {"house": settings.REMPART, "is_rehearsal": settings.REMPART.is_rehearsal}
