"""What people do meanwhile on the desk that the platforms read."""

from __future__ import annotations

from django.utils import timezone

from rempart.desk.registers.bank import steps
from rempart.desk.registers.bank.models import Protection
from rempart.desk.rules.trust import Fact


def withdraw(one: Protection) -> None:
    """Its person takes it back, and the time to think it over is past."""
    steps.end(Protection.objects.filter(pk=one.pk), Fact.WITHDRAWAL, now=timezone.now())
