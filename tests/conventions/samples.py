"""One of everything that has an address, made once for a walk: what `<int:item_id>` and its like stand for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rempart.desk.registers.directory.models import Recipient, RecipientKind
from rempart.desk.registers.lists import clients
from rempart.desk.registers.vault.sealing import case_keys
from rempart.desk.rules.lists import ListName
from rempart.desk.rules.notice import Tempo
from rempart.desk.rules.protection import Age, Helper, Kind, SentFile, SentPdq, Submission
from rempart.desk.stages.action import worker as action
from rempart.desk.stages.action.letters import token_of
from rempart.desk.stages.action.models import Duty, Notice
from rempart.desk.stages.followup import worker as followup
from rempart.desk.stages.intake import protecting
from rempart.engine import Pdq, Sha256
from tests import cast
from tests.doubles import Letterbox, sees_everything_online


def make_samples(*, now: datetime) -> dict[str, Any]:
    """Values by the name of the parameter, or by ``route parameter`` where one name means two things."""
    earlier = now - timedelta(hours=6)
    cast.full_directory(now=earlier)
    waiting = cast.ready_item(details=cast.LINA, now=earlier)
    decided = cast.assessed(cast.ready_item(details=cast.by_email(cast.PAUL), now=earlier), now=earlier)
    notice = _noticed(earlier)
    return {
        "item_id": waiting.pk,
        "report_id": waiting.report_id,
        "assessment_id": decided.decided.assessment_id,
        "duty_id": Duty.objects.get(item=decided, kind="authority").pk,
        "notice_id": notice.pk,
        "token": token_of(notice),
        "recipient_id": notice.recipient_id,
        "contact_id": notice.contact_id,
        "client_id": _client(earlier),
        "protection_id": protected(now=earlier),
        "person_id": cast.idris(now=earlier).pk,
        "list_name": "minors",
        "kind": "PDQ",
        "member": "1",
        "name": f"{'0' * 32}-0",
    }


def _client(now: datetime) -> int:
    """A client of the lists, of some platform of the directory."""
    platform = Recipient.objects.filter(kind=RecipientKind.PLATFORM.value).earliest("pk")
    client, _secret = clients.issue(platform.pk, "production", [ListName.MINORS], by=None, now=now)
    clients.note_read(client, ListName.MINORS, 3, 3, now=now)
    return client.pk


def protected(*, now: datetime) -> int:
    """A picture that somebody protects. It is one of nothing: a person must look."""
    nothing = SentFile(Kind.PICTURE, Sha256(bytes(32)), (SentPdq(Pdq(bytes(32)), 0, "whole"),))
    submission = Submission((nothing,), Age.FROM_13_TO_15, Helper.NOBODY, is_device_shared=False, language="fr")
    code = protecting.protect(submission, now=now, code=None).code
    return protecting.protections_of(case_keys(code))[0].pk


def _noticed(now: datetime) -> Notice:
    """The notice about the address decided above, sent and watched."""
    letterbox = Letterbox()
    for moment in (now + Tempo().undo, now + timedelta(hours=2)):
        action.work(now=moment, look=sees_everything_online, outlet=letterbox)
    followup.work(now=now + timedelta(hours=2), eyes=sees_everything_online)
    assert len(letterbox.letters) >= 1
    return Notice.objects.get(sent_at__isnull=False)
