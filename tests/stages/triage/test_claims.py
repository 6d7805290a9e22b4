"""Two people never hold one item; what waits comes back by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rempart.desk.registers.journal.models import Entry
from rempart.desk.registers.people.models import Person
from rempart.desk.rules.lifecycle import State
from rempart.desk.rules.notice import Tempo
from rempart.desk.stages.intake.models import Item
from rempart.desk.stages.triage import claims
from rempart.desk.stages.triage.errors import MayNot, NotOpen, NotYours, Taken
from rempart.desk.stages.triage.models import Claim, HandOver, Hold
from tests import cast
from tests.cast import MONDAY

pytestmark = pytest.mark.django_db
LEASE = Tempo().lease


def test_a_lease_keeps_others_away_until_it_ends() -> None:
    item = cast.ready_item()
    first = claims.claim(item, cast.camille(), now=MONDAY)
    assert first.expires_at == MONDAY + LEASE
    with pytest.raises(Taken, match="claimed"):
        claims.claim(item, cast.idris(), now=MONDAY + LEASE - timedelta(seconds=1))
    taken = claims.claim(item, cast.idris(), now=MONDAY + LEASE)
    assert taken.by_id == cast.idris().pk
    assert Claim.objects.count() == 1
    with pytest.raises(NotYours, match="claimed"):
        claims.release(item, cast.camille(), now=MONDAY + LEASE)


def test_taking_again_renews() -> None:
    item = cast.ready_item()
    claims.claim(item, cast.camille(), now=MONDAY)
    later = MONDAY + timedelta(minutes=15)
    assert claims.claim(item, cast.camille(), now=later).expires_at == later + LEASE
    assert Entry.objects.filter(verb="claimed").count() == 1


def test_a_lease_holds_the_whole_address() -> None:
    one, two = (cast.ready_item("https://puits.example/one") for _ in range(2))
    claims.claim(one, cast.camille(), now=MONDAY)
    with pytest.raises(Taken):
        claims.claim(two, cast.idris(), now=MONDAY)
    assert claims.claim_next(cast.idris(), now=MONDAY) is None


def test_next_is_the_most_urgent_that_nobody_holds() -> None:
    cast.ready_item(details=cast.PAUL)
    lina, mado = cast.ready_item(details=cast.LINA), cast.ready_item(details=cast.MADO)
    first, second = (claims.claim_next(person, now=MONDAY) for person in (cast.camille(), cast.idris()))
    assert first is not None
    assert second is not None
    assert (first.item_id, second.item_id) == (mado.pk, lina.pk)


def test_a_hold_ends_by_itself_or_by_hand() -> None:
    item = cast.ready_item()
    claims.claim(item, cast.camille(), now=MONDAY)
    until = MONDAY + timedelta(days=1)
    claims.hold(item, cast.camille(), "the host answers tomorrow", until, now=MONDAY)
    assert b"tomorrow" not in bytes(Hold.objects.get().sealed_reason)
    with pytest.raises(Taken, match="held"):
        claims.claim(item, cast.idris(), now=until - timedelta(seconds=1))
    assert claims.open_to(cast.idris(), now=until).filter(pk=item.pk).exists()
    claims.let_go(item, cast.idris(), now=MONDAY)
    assert claims.claim(item, cast.idris(), now=MONDAY).by_id == cast.idris().pk


def test_handing_over_gives_the_colleague_time() -> None:
    item, camille, idris = cast.ready_item(), cast.camille(), cast.idris()
    claims.claim(item, camille, now=MONDAY)
    for wrong in (camille, cast.wassim(), cast.ange()):
        with pytest.raises(MayNot, match="colleague"):
            claims.hand_over(item, camille, wrong, "", now=MONDAY)
    claims.hand_over(item, camille, idris, "you know them", now=MONDAY)
    held = claims.must_hold(item, idris, now=MONDAY + 4 * LEASE - timedelta(seconds=1))
    assert held.by_id == idris.pk
    assert b"know" not in bytes(HandOver.objects.get().sealed_word or b"")
    with pytest.raises(NotYours):
        claims.hand_over(item, camille, idris, "", now=MONDAY)


def test_what_is_not_ready_or_is_decided_is_not_taken() -> None:
    receipt = cast.receive()
    item = cast.items_of(receipt)[0]
    with pytest.raises(NotOpen):
        claims.claim(item, cast.camille(), now=MONDAY)
    done = cast.assessed()
    with pytest.raises(NotOpen):
        claims.claim(done, cast.idris(), now=MONDAY + timedelta(hours=1))


def test_arbitration_is_for_a_supervisor_who_read_nothing() -> None:
    item = cast.read(cast.ready_item(), cast.Decision(cast.Verdict.HARMFUL_BUT_LAWFUL, asks_second=True))
    item = cast.read(item, cast.NOTHING_THERE, by=cast.idris())
    assert item.state == State.ARBITRATION
    now = MONDAY + timedelta(hours=2)
    for reader in (cast.camille(now=now), cast.idris(now=now)):
        assert not claims.open_to(reader, now=now).exists()
        with pytest.raises(MayNot):
            claims.claim(item, reader, now=now)
    assert claims.claim(item, cast.solene(), now=now).by_id == cast.solene().pk


def test_the_only_supervisor_arbitrates_even_what_she_read() -> None:
    item = cast.read(cast.ready_item(), cast.Decision(cast.Verdict.HARMFUL_BUT_LAWFUL, asks_second=True), by=cast.solene())
    item = cast.read(item, cast.NOTHING_THERE, by=cast.idris())
    now = MONDAY + timedelta(hours=2)
    assert claims.open_to(cast.solene(), now=now).filter(pk=item.pk).exists(), "nobody else could"
    Person.objects.filter(pk=cast.idris().pk).update(role="supervisor")
    assert claims.open_to(cast.solene(), now=now).filter(pk=item.pk).exists(), "the other supervisor read it too"
    Person.objects.filter(pk=cast.camille(now=now).pk).update(role="supervisor")
    assert not claims.open_to(cast.solene(), now=now).filter(pk=item.pk).exists(), "a colleague can who read nothing"


def test_the_two_ways_to_say_open_agree() -> None:
    cast.ready_item()
    cast.read(cast.ready_item(), cast.Decision(cast.Verdict.HARMFUL_BUT_LAWFUL, asks_second=True))
    cast.assessed()
    cast.receive()
    by_state = Item.objects.filter(state__in=claims.OPEN_FOR_READING)
    assert set(Item.objects.filter(claims.OPEN)) == set(by_state)
    assert by_state.count() == 2
