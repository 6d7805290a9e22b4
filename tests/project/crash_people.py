"""The people of the crash test: an analyst, the hosts, a supervisor. Run as a program inside the installation under test.

python -m tests.project.crash_people live       assess, send dossiers, remove pages, until the file `stop` appears
python -m tests.project.crash_people finish     what is left, after the crashes, with a clock that hurries
python -m tests.project.crash_people check      print as JSON what the database and the mailboxes hold
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import InterfaceError, OperationalError, close_old_connections  # noqa: E402

from rempart.desk.project.worker import work_until_idle  # noqa: E402
from rempart.desk.registers.people.models import Person  # noqa: E402
from rempart.desk.registers.vault.sealing import case_keys  # noqa: E402
from rempart.desk.rehearsal.hosts import places_named_in  # noqa: E402
from rempart.desk.rehearsal.scenes import DECISIONS  # noqa: E402
from rempart.desk.rehearsal.world import PageState, World  # noqa: E402
from rempart.desk.rules.code import CaseCode  # noqa: E402
from rempart.desk.rules.duties import DOSSIERS, Failure  # noqa: E402
from rempart.desk.stages.action import steps as action  # noqa: E402
from rempart.desk.stages.action.errors import ActionRefused  # noqa: E402
from rempart.desk.stages.action.models import Duty, Notice, NoticedItem  # noqa: E402
from rempart.desk.stages.intake import queries as intake  # noqa: E402
from rempart.desk.stages.intake.models import Item, Report  # noqa: E402
from rempart.desk.stages.triage import claims, steps  # noqa: E402
from rempart.desk.stages.triage.errors import TriageRefused  # noqa: E402

# Most are illegal, and no rule asks for a second reading: one analyst is enough.
VERDICTS = ("intimate", "intimate", "lawful", "intimate", "baseline", "nothing", "grooming", "elsewhere")


def assess_all(person: Person, limit: int, at: datetime | None = None) -> int:
    """Take and assess what waits, at that moment or by the real clock."""
    done = 0
    while done < limit:
        now = at or datetime.now(UTC)
        claim = claims.claim_next(person, now=now)
        if claim is None:
            break
        item = Item.objects.get(pk=claim.item_id)
        verdict = VERDICTS[(item.address_id or item.pk) % len(VERDICTS)]
        try:
            steps.assess(item, person, DECISIONS[verdict], now=now)
        except TriageRefused:
            continue
        done += 1
    return done


def hand_dossiers(person: Person, now: datetime) -> int:
    """Record as handed over what a person must hand over."""
    waiting = list(Duty.objects.filter(kind__in=DOSSIERS, done_at__isnull=True, dossier__isnull=False)[:200])
    if waiting:
        action.record_dossiers_sent(waiting, person, through="test", now=now)
    return len(waiting)


def hosts_remove(world: World, seen: set[int]) -> None:
    """Every host removes what its mails name."""
    for mail in world.mails():
        if mail.pk not in seen:
            seen.add(mail.pk)
            for place in places_named_in(mail.text):
                world.set_page(place, PageState.REMOVED)


def resolve_doubts(person: Person, world: World, now: datetime) -> Counter[str]:
    """The supervisor asks the mailboxes: received, or to be sent again."""
    received = {mail.message_id for mail in world.mails()}
    resolved: Counter[str] = Counter()
    for notice in Notice.objects.filter(failure=Failure.IN_DOUBT, sent_at__isnull=True, cancelled_at__isnull=True):
        was_received = notice.message_id in received
        (action.confirm_sent if was_received else action.send_again)(notice, person, now=now)
        resolved["received" if was_received else "sent again"] += 1
    return resolved


def live(folder: Path) -> None:
    person, world, seen = Person.objects.get(sign_in_name="ines"), World(settings.REMPART_DATA), set[int]()
    while not (folder / "stop").exists():
        try:
            moved = assess_all(person, 20) + hand_dossiers(person, datetime.now(UTC))
        except (OperationalError, InterfaceError):
            close_old_connections()
            moved = 0
        hosts_remove(world, seen)
        time.sleep(0.05 if moved else 0.5)


def finish() -> None:
    """The machine runs undisturbed from now on. Leases of the dead end; doubts are told; everything goes to its end."""
    analyst, supervisor = (Person.objects.get(sign_in_name=name) for name in ("ines", "salome"))
    world, seen = World(settings.REMPART_DATA), set[int]()
    now, doubts = datetime.now(UTC), Counter[str]()
    for step in range(14):
        # The first round is the restart itself; then the leases of what was killed end.
        now += timedelta(minutes=0 if step == 0 else 21 if step == 1 else 2)
        work_until_idle(now)
        doubts += resolve_doubts(supervisor, world, now)
        assess_all(analyst, 10_000, now)
        hand_dossiers(analyst, now)
        hosts_remove(world, seen)
        retry_red(supervisor, now)
    print(json.dumps(doubts))


def retry_red(person: Person, now: datetime) -> None:
    for duty in Duty.objects.filter(failed_at__isnull=False, done_at__isnull=True):
        try:
            action.retry_duty(duty, person, now=now)
        except ActionRefused:
            continue


def check(folder: Path) -> None:
    """Facts only; the test judges."""
    acknowledged = [json.loads(line) for line in (folder / "acknowledged").read_text().splitlines()]
    print(
        json.dumps(
            {
                "lost": [one for one in acknowledged if not is_there(one["code"], one["address"])],
                "items": counts(Item, "state"),
                "unanswered": Report.objects.filter(answered_at__isnull=True).count(),
                "open duties": counts(Duty.objects.filter(done_at__isnull=True), "kind", "failure"),
                "reports": Report.objects.count(),
                "notices": notices(),
            }
        )
    )


def counts(rows: object, *fields: str) -> dict[str, int]:
    queryset = rows.objects.all() if isinstance(rows, type) else rows
    return {" ".join(map(str, values)): count for values, count in Counter(queryset.values_list(*fields)).items()}


def is_there(code: str, address: str) -> bool:
    """The case opens with its code, and the address in it is the one that was acknowledged."""
    report = Report.objects.filter(case__lookup=case_keys(CaseCode(code)).lookup).first()
    return report is not None and [intake.typed(item) for item in report.items.all()] == [address]


def notices() -> dict[str, object]:
    """What the database says was sent, and what the mailboxes received."""
    mails = World(settings.REMPART_DATA).mails()
    by_id = Counter(mail.message_id for mail in mails)
    sent = dict(Notice.objects.filter(sent_at__isnull=False).values_list("message_id", "is_sent_again"))
    first: Counter[str] = Counter()
    for mail in mails:
        if not mail.message["In-Reply-To"] and not sent.get(mail.message_id):
            first.update(f"{mail.mailbox} {place.host.name}{place.path}" for place in places_named_in(mail.text))
    return {
        "sent": len(sent),
        "addresses": NoticedItem.objects.filter(notice__sent_at__isnull=False, left_out_at__isnull=True).count(),
        "sent without mail": sorted(set(sent) - set(by_id)),
        "mail without sent": sorted(set(by_id) - set(sent)),
        "same mail twice": sorted(message_id for message_id, count in by_id.items() if count > 1),
        "same address twice": sorted(address for address, count in first.items() if count > 1),
        "neither sent nor cancelled": Notice.objects.filter(sent_at__isnull=True, cancelled_at__isnull=True).count(),
    }


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["live", folder]:
            live(Path(folder))
        case ["finish"]:
            finish()
        case ["check", folder]:
            check(Path(folder))
        case _:
            sys.exit(__doc__)
