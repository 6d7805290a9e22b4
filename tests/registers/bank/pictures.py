"""Fingerprints of no picture at all, drawn by chance from a name; and people who protect them, through the real step."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from random import Random

from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.vault import sealing
from rempart.desk.registers.vault.sealing import CaseKeys
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.protection import Age, Helper, Kind, SentFile, SentPdq, Submission
from rempart.desk.stages.intake import protecting
from rempart.desk.stages.intake.models import Case
from rempart.engine import Pdq, Sha256
from tests import cast

VIEWS = ("whole", "mirror")


def pdq(name: str) -> Pdq:
    """128 ones at places drawn by chance, as a real PDQ has."""
    bits = Random(name).sample(range(256), 128)
    return Pdq(sum(1 << bit for bit in bits).to_bytes(32))


def sha256(name: str) -> Sha256:
    return Sha256(hashlib.sha256(name.encode()).digest())


def near(one: Pdq, bits: int) -> Pdq:
    """The same, with its lowest bits turned."""
    return Pdq((int.from_bytes(one.value) ^ ((1 << bits) - 1)).to_bytes(32))


def picture(name: str, quality: int = 90) -> SentFile:
    sent = (SentPdq(pdq(f"{name} {view}"), quality, view) for view in VIEWS)
    return SentFile(Kind.PICTURE, sha256(name), tuple(sent))


def video(name: str, seconds: int = 3) -> SentFile:
    sent = (SentPdq(pdq(f"{name} {second}"), 90, "whole", second) for second in range(seconds))
    return SentFile(Kind.VIDEO, sha256(name), tuple(sent))


def submission(
    *files: SentFile, age: Age = Age.FROM_13_TO_15, is_device_shared: bool = False, language: str = "fr"
) -> Submission:
    return Submission(files, age, Helper.NOBODY, is_device_shared, language)


def protect(
    *names: str, now: datetime = cast.MONDAY, code: CaseCode | None = None, is_device_shared: bool = False
) -> tuple[CaseKeys, list[Protection]]:
    """Somebody protects the pictures of these names; the keys of her case, and its protections."""
    sent = submission(*(picture(name) for name in names), is_device_shared=is_device_shared)
    keys = sealing.case_keys(protecting.protect(sent, now=now, code=code).code)
    return keys, protections(keys)


def protections(keys: CaseKeys) -> list[Protection]:
    case = Case.objects.get(lookup=keys.lookup)
    return list(Protection.objects.filter(case_number=case.pk).order_by("pk"))


def fresh(protection: Protection) -> Protection:
    return Protection.objects.get(pk=protection.pk)


def trusts(protected: Sequence[Protection]) -> list[str]:
    return [fresh(one).trust for one in protected]
