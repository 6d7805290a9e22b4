"""What is planted in bulk is what the desk's own steps write."""

from __future__ import annotations

import pytest
from django.utils import timezone

from benchmarks.planted import plant
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.lists import entries
from rempart.desk.rules.lists import ListName
from tests.registers.bank.pictures import protect
from tests.registers.lists.made import client

pytestmark = pytest.mark.django_db

OWN = {"id", "case_number", "key_number", "file_digest", "edition", "change"}


def test_planted_rows_are_those_of_the_step() -> None:
    now = timezone.now()
    protect("a", now=now)
    plant(2, now=now, views=2)
    real, *planted = (
        {name: value for name, value in row.items() if name not in OWN} for row in Protection.objects.order_by("pk").values()
    )
    assert [{**row, "expires_at": None} for row in planted] == [{**real, "expires_at": None}] * 2
    reader, _ = client()
    entries.catch_up(now)
    found = entries.changed(ListName.MINORS, after=0, until=entries.head(ListName.MINORS), limit=9, client=reader)
    assert [[part.variant for part in entry.parts] for entry in found] == [["whole", "mirror"]] * 3
    assert len({entry.sha256 for entry in found}) == 3
