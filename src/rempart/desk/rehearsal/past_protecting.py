"""Plays the invented past of *protect my image* through the real steps, each at its own moment."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.conf import settings

from rempart.desk.registers.bank import facts
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.vault import sealing
from rempart.desk.rehearsal.pictures import sent_file
from rempart.desk.rehearsal.protected import SENDINGS, Sending, Told, code_of, rounds_of
from rempart.desk.rules.code import CaseCode
from rempart.desk.rules.looking import Reason, sayable
from rempart.desk.rules.protection import Helper, Submission
from rempart.desk.rules.trust import Fact, Trust
from rempart.desk.stages.intake import protecting, steps

Plan = Callable[[datetime, Callable[[datetime], object]], None]
"""Have something played at a moment of the past."""

LOOKERS = ("ines", "theo")
HOUR = 1 / 24


class PastProtecting:
    """Who protected what before the first start. ``work``: one round of the worker, as of that moment."""

    def __init__(self, people: dict[str, Person], work: Callable[[datetime], object]) -> None:
        self.people, self.work = people, work
        self._platforms: dict[str, int] = {}

    def plan(self, plan: Plan, now: datetime) -> None:
        """Put everything up to ``now`` on the calendar."""
        for sending in SENDINGS:
            at = now - timedelta(days=sending.days_ago)
            plan(at, lambda at, sending=sending: self._send(sending, plan, at))  # type: ignore[misc]
            for after in rounds_of(sending, settings.REMPART_RETENTION):
                plan(at + after, self.work)

    def _send(self, sending: Sending, plan: Plan, at: datetime) -> None:
        files = tuple(map(sent_file, sending.pictures.split()))
        submission = Submission(files, sending.age, sending.helper, sending.is_device_shared, sending.language)
        code = code_of(sending.who) if sending.who else None
        receipt = protecting.protect(submission, now=at, code=code)
        numbers = list(Protection.objects.filter(declared_at=at).order_by("pk").values_list("pk", flat=True))
        for after, play in self._acts(sending, numbers, receipt.code):
            plan(at + timedelta(days=after), play)

    def _acts(self, sending: Sending, numbers: Sequence[int], code: CaseCode) -> list[tuple[float, Callable[[datetime], object]]]:
        """What happens to it, and how many days later."""
        by = self.people[LOOKERS[numbers[0] % 2]].pk
        keys = sealing.case_keys(code)
        acts: list[tuple[float, Callable[[datetime], object]]] = [
            (HOUR if sending.wrote else 0, lambda at: steps.write_to_hotline(keys, sending.wrote, now=at)),
            (sending.vouched, lambda at: _decide(numbers, Fact.VOUCHED, sending, by, at)),
            (sending.cleared, lambda at: _decide(numbers[:1], Fact.CLEARED, sending, by, at)),
            (sending.withdrawn, lambda at: protecting.withdraw(keys, numbers, now=at)),
            (sending.kept, lambda at: protecting.cancel_withdrawal(keys, now=at)),
            (sending.renewed, lambda at: protecting.renew(keys, now=at)),
        ]
        told = [(one.after, self._telling(numbers[0], one)) for one in sending.told]
        return [(after, play) for after, play in acts if after] + told

    def _telling(self, number: int, told: Told) -> Callable[[datetime], object]:
        platform = self._platform(told.platform)
        return lambda at: facts.note_feedback(
            number, platform, now=at, matches=told.matches, accounts=told.accounts, vote=told.vote
        )

    def _platform(self, name: str) -> int:
        if name not in self._platforms:
            self._platforms[name] = Recipient.objects.values_list("pk", flat=True).get(name=name)
        return self._platforms[name]


def _decide(numbers: Sequence[int], fact: Fact, sending: Sending, by: int, now: datetime) -> None:
    """What an analyst said of them, and why."""
    if fact is Fact.CLEARED:
        why = Reason.LEAK_SPREADS if sending.told else Reason.FALSE_ALARM
    else:
        why = Reason.PERSON_EXPLAINED if sending.helper is Helper.NOBODY else Reason.HELPER_CONFIRMS
    for number, trust in Protection.objects.filter(pk__in=numbers).values_list("pk", "trust"):
        if fact not in sayable(Trust(trust)):
            continue  # a rehearsal made before it had an index of well-known pictures raised no doubt
        facts.decide(number, fact, why.value, by=by, seen=facts.newest_fact(number), now=now)
