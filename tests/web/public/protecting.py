"""What the tests of a case that protects pictures have in common: people who protect, and what the page then says to them."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.vault import sealing
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.protection import Age, Helper, SentFile, Submission
from rempart.desk.stages.intake import protecting
from tests.registers.bank.pictures import picture, protections
from tests.web.public.conftest import text_of

DAY = timedelta(days=1)
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


def protect(
    *files: SentFile | str,
    age: Age = Age.FROM_13_TO_15,
    helper: Helper = Helper.NOBODY,
    is_shared: bool = False,
    code: CaseCode | None = None,
    ago: timedelta = DAY,
) -> CaseCode:
    """Somebody protects these files; the code of her case."""
    sent = tuple(picture(one) if isinstance(one, str) else one for one in files)
    return protecting.protect(Submission(sent, age, helper, is_shared, "fr"), now=timezone.now() - ago, code=code).code


def protected_by(code: CaseCode) -> list[Protection]:
    return protections(sealing.case_keys(code))


def numbers(code: CaseCode) -> list[str]:
    return [str(one.pk) for one in protected_by(code)]


def trusts(code: CaseCode) -> list[str]:
    return [one.trust for one in protected_by(code)]


def waiting(code: CaseCode) -> list[bool]:
    return [one.withdraw_due_at is not None for one in protected_by(code)]


def case(client: Client, code: str, language: str = "en", **more: Any) -> Any:
    return client.post(f"/{language}/case/", {"code": code, **more})


def words(answer: Any) -> str:
    """What a person reads of the page's main part, on one line."""
    main = text_of(answer).partition("<main")[2].partition("</main>")[0]
    main = re.sub(r'<div class="not-for-people".*?</div>', "", main, flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]+>", " ", main)).replace("\u00a0", " ")
    return re.sub(r"\s+", " ", text).replace(" ,", ",")


def page(client: Client, code: str, language: str = "en", **more: Any) -> str:
    return words(case(client, code, language, **more))
