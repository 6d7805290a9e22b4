"""One of everything that has an address, made once for a walk: what `<int:item>` and its like stand for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests import cast


def make_samples(*, now: datetime) -> dict[str, Any]:
    """Values by the name of the parameter, or by ``route parameter`` where one name means two things."""
    cast.full_directory(now=now)
    item = cast.ready_item(now=now - timedelta(hours=1))
    return {"item_id": item.pk, "pk": item.pk}
