"""What the scripted people do besides reading: dossiers handed over, red duties cleared, replies typed by hosts, visits."""

from collections import deque
from collections.abc import Iterable
from datetime import datetime

from rempart.desk.registers.people.models import Person
from rempart.desk.registers.vault import sealing
from rempart.desk.registers.vault.sealing import CaseKeys
from rempart.desk.rehearsal.replay_world import Draw, Planned, World
from rempart.desk.rehearsal.replay_year import Arrival
from rempart.desk.rules.duties import DutyKind, Failure
from rempart.desk.rules.report import Details, Draft, Source
from rempart.desk.stages.action import queries as action
from rempart.desk.stages.action import steps as action_steps
from rempart.desk.stages.action.models import Duty
from rempart.desk.stages.followup import deciding
from rempart.desk.stages.followup.errors import NotWatched
from rempart.desk.stages.followup.replying import Said, Through, record_replies
from rempart.desk.stages.intake import queries as intake
from rempart.desk.stages.intake import steps as intake_steps

BATCH = 500


class Door:
    """The public door: the address first, the rest on later pages; some people stop midway, some come back."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.received = 0
        self.items = 0
        self.recent: deque[CaseKeys] = deque(maxlen=200)

    def receive(self, arrival: Arrival) -> None:
        """One report, through the steps the form calls, page after page."""
        is_public = arrival.source is Source.PUBLIC_FORM
        draft = Draft(
            addresses=arrival.text,
            language=arrival.language,
            has_no_link=arrival.has_no_link,
            details=Details() if is_public else arrival.details,
            source=arrival.source,
        )
        receipt = intake_steps.receive_report(draft, now=arrival.at)
        self.received += 1
        self.items += receipt.item_count
        if receipt.code is None:
            return
        keys = sealing.case_keys(receipt.code)
        if arrival.is_finished:
            intake_steps.add_details(keys, arrival.details, now=arrival.at, is_complete=True)
        self.recent.append(keys)

    def receive_from_partner(self, draft: Draft, now: datetime) -> None:
        """One report of a partner hotline: no case, no pages."""
        receipt = intake_steps.receive_report(draft, now=now)
        self.received += 1
        self.items += receipt.item_count

    def visit(self, now: datetime) -> None:
        """Once an hour somebody follows her case, writes a line, or asks to be forgotten."""
        if not self.recent:
            return
        draw = Draw.of(self.seed, f"visit {now.isoformat()}")
        keys = self.recent[int(draw.part(0) * len(self.recent))]
        intake_steps.note_visit(keys, now=now)
        if draw.part(1) < 0.1:
            intake_steps.write_to_hotline(keys, "Est-ce que vous avez des nouvelles ?", now=now)
        elif draw.part(1) > 0.97:
            intake_steps.erase_case(keys, now=now)
            self.recent.remove(keys)


def type_replies(world: World) -> int:
    """What hosts answer through the link of the notice, address by address."""
    done = 0
    for planned in list(world.due_replies()):
        done += _type(planned, world.now)
    return done


def _type(planned: Planned, now: datetime) -> int:
    notice = action.notice_of_token(planned.token)
    if notice is None:
        return 0
    said = {
        one.item_id: Said(planned.answers[key])
        for one in action.told(notice)
        if (key := intake.canonical(one.item)) in planned.answers
    }
    if said:
        record_replies(notice, said, through=Through.RECIPIENT, now=now)
    return len(said)


def hand_dossiers_over(person: Person, now: datetime) -> int:
    """The dossiers of the day go to the police and to the partner hotlines."""
    done = 0
    while duties := list(action.dossiers_to_send()[:BATCH]):
        action_steps.record_dossiers_sent(duties, person, through="portail", their_reference=f"P-{now:%Y%m%d}", now=now)
        done += len(duties)
    return done


def clear_red(person: Person, now: datetime) -> int:
    """A supervisor looks at every red duty and does what software cannot."""
    done = 0
    for duty in list(action.red()[:BATCH]):
        _clear(duty, person, now)
        done += 1
    return done


def _clear(duty: Duty, person: Person, now: datetime) -> None:
    if duty.failure == Failure.IN_DOUBT and duty.kind == DutyKind.NOTICE:
        action_steps.send_again(duty.noticed.notice, person, now=now)
        return
    if duty.kind == DutyKind.SUPERVISION and duty.item is not None:
        _decide_instead(duty, person, now)
        duty.refresh_from_db()
        if duty.done_at is not None:
            return
    action_steps.clear_duty(duty, person, "Traité au téléphone.", now=now)


def _decide_instead(duty: Duty, person: Person, now: datetime) -> None:
    """The ladder is used up: nobody will act. Said to be removed and not visible to software: a person looked."""
    assert duty.item is not None
    try:
        if duty.failure == Failure.LADDER_USED_UP:
            deciding.close_silent(duty.item, by=person.pk, now=now)
        elif duty.failure == Failure.CANNOT_LOOK:
            deciding.declare_gone(duty.item, by=person.pk, now=now)
    except NotWatched:
        # The follow-up saw it gone meanwhile.
        return


def partner_reports(addresses: Iterable[str]) -> Iterable[Draft]:
    """Content that moved is found again by a partner hotline, which tells us."""
    for address in addresses:
        yield Draft(addresses=address, language="en", source=Source.PARTNER_HOTLINE)
