"""The invented hosts as the desk sees them: addresses it can read, recipients it can tell."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rempart.desk.registers.directory import queries as directory
from rempart.desk.registers.directory.models import Recipient
from rempart.desk.registers.people.models import Person
from rempart.desk.registers.people.second_factor import verify
from rempart.desk.rehearsal.cast import make_directory, make_people
from rempart.desk.rehearsal.hosts import HOSTS, SITES, Host, address_of, path_of, place_at, places_named_in, sites_under
from rempart.desk.rehearsal.past import place_of_page
from rempart.desk.rehearsal.people import PLAYERS
from rempart.desk.rehearsal.scenes import SCENES
from rempart.desk.rehearsal.tour import STORY
from rempart.desk.rules.locator import LocatorKind, defang, read_locators

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("host", SITES, ids=lambda host: host.name)
def test_an_address_is_read_as_one_and_leads_back(host: Host) -> None:
    path = path_of(host, 12)
    address = address_of(host, path, 8001)
    (found,) = read_locators(address)
    assert (found.kind, found.canonical, found.site) == (LocatorKind.URL, address, host.domain)
    place = place_at(host, path)
    assert place is not None
    assert places_named_in(f"please remove {address}, thank you") == [place]
    assert places_named_in(f"please remove {defang(address)} now") == [place]


def test_other_paths_are_not_pages() -> None:
    for host in SITES:
        for path in ("/", "/nothing", f"/{host.folder}/0", f"/{host.folder}/x", f"/{host.folder}/123456", "/../etc/passwd"):
            assert place_at(host, path) is None


def test_each_page_is_removed_by_its_site_or_its_host() -> None:
    assert sites_under(next(host for host in HOSTS if host.name == "vallon")) == ("vallon", "clairiere")
    assert {host.hosted_by for host in HOSTS} - {""} <= {host.name for host in HOSTS}


def test_the_story_of_the_tour_is_untouched_by_the_past() -> None:
    pages = [page for scene in SCENES for page in scene.pages.split()]
    assert all(place_of_page(page) for page in pages)
    assert "{}/{}".format(*STORY) not in pages


@pytest.mark.django_db
def test_cast_and_directory(django_assert_max_num_queries: object) -> None:
    people = make_people(NOW)
    make_directory(people["salome"], NOW)
    ladders = {host.name: ladder(host) for host in SITES}
    assert ladders["pixels"] == ["Pixels & Bordures"]
    assert ladders["clairiere"] == ["Vallon Hébergement", "La Clairière"]
    assert ladders["fjord"] == ["Nordlys Hosting", "Fjordbilder"]
    (foreign,) = read_locators(address_of(HOSTS[5], path_of(HOSTS[5], 3), 8001))
    assert directory.recipients_for(foreign, "FR").partner is not None
    for player in PLAYERS:
        verify(Person.objects.get(sign_in_name=player.sign_in_name), player.code_at(NOW), now=NOW)


def ladder(host: Host) -> list[str]:
    (locator,) = read_locators(address_of(host, path_of(host, 3), 8001))
    return [Recipient.objects.get(pk=pk).name for pk in directory.recipients_for(locator, "FR").ladder]
