"""The directory: who is told about an address, and what makes a contact usable."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rempart.desk.registers.directory import queries, steps
from rempart.desk.registers.directory.entries import Details
from rempart.desk.registers.directory.errors import DirectoryRefused
from rempart.desk.registers.directory.models import Channel, Contact, Recipient, RecipientDomain, RecipientKind
from rempart.desk.registers.journal.models import Entry
from rempart.desk.rules.duties import Recipients
from rempart.desk.rules.locator import Locator, read_locators
from tests import cast

pytestmark = pytest.mark.django_db
NOW = cast.MONDAY


def locator(text: str) -> Locator:
    return read_locators(text)[0]


def known(kind: RecipientKind, name: str, *domains: str, country: str = "", is_approved: bool = True) -> Recipient:
    recipient = steps.add_recipient(Details(kind=kind, name=name, country=country), by=None, now=NOW)
    for domain in domains:
        steps.add_domain(recipient, domain, by=None, now=NOW)
    contact = steps.add_contact(recipient, Channel.EMAIL, f"abuse@{name.lower()}.example", found_by="staff", now=NOW)
    if is_approved:
        steps.approve_contact(contact, by=1, now=NOW)
    return recipient


def test_the_ladder_goes_from_platform_to_host_to_owner() -> None:
    owner = known(RecipientKind.SITE_OWNER, "Owner", "site.example")
    host = known(RecipientKind.HOST, "Host", "site.example", country="NL")
    platform = known(RecipientKind.PLATFORM, "Platform", "site.example", country="US")
    known(RecipientKind.HELP_SERVICE, "Help", "site.example")
    partner = known(RecipientKind.PARTNER_HOTLINE, "Partner", country="NL")
    police = known(RecipientKind.POLICE, "Police", country="FR")
    found = queries.recipients_for(locator("https://a.b.site.example/x"), "FR")
    assert found == Recipients((platform.pk, host.pk, owner.pk), authority=police.pk, partner=partner.pk)


def test_the_nearest_domain_comes_first() -> None:
    wide = known(RecipientKind.HOST, "Wide", "site.example")
    near = known(RecipientKind.HOST, "Near", "cdn.site.example")
    assert queries.recipients_for(locator("https://x.cdn.site.example/"), "FR").ladder == (near.pk, wide.pk)
    assert queries.recipients_for(locator("https://site.example/"), "FR").ladder == (wide.pk,)
    assert queries.recipients_for(locator("https://notsite.example/"), "FR").ladder == ()


@pytest.mark.parametrize(
    ("domain", "address"),
    [
        ("127.0.0.1:8001", "http://127.0.0.1:8001/page"),
        ("pix.localhost:8001", "http://pix.localhost:8001/page"),
        ("pix.localhost", "http://pix.localhost:8001/page"),
        ("snapchat.com", "@toto sur snapchat"),
        ("münchen.example", "https://www.münchen.example/a"),
        ("https://www.site.example/abuse", "https://site.example/"),
    ],
)
def test_ports_accounts_and_other_alphabets(domain: str, address: str) -> None:
    recipient = known(RecipientKind.HOST, "Host", domain)
    assert queries.recipients_for(locator(address), "FR").ladder == (recipient.pk,)


def test_numbers_are_not_domains() -> None:
    known(RecipientKind.HOST, "Host", "0.0.1")
    assert queries.recipients_for(locator("http://127.0.0.1/"), "FR").ladder == ()


def test_only_an_approved_standing_contact_counts() -> None:
    recipient = known(RecipientKind.HOST, "Host", "site.example", is_approved=False)
    asked = locator("https://site.example/")
    assert queries.recipients_for(asked, "FR").ladder == ()
    assert queries.usable_contact(recipient) is None
    contact = recipient.contacts.get()
    steps.approve_contact(contact, by=7, now=NOW)
    assert queries.usable_contact(recipient) == contact
    assert (contact.approved_by_id, contact.approved_at) == (7, NOW)
    steps.retire_contact(contact, by=7, now=NOW)
    assert queries.recipients_for(asked, "FR").ladder == ()
    steps.approve_contact(contact, by=8, now=NOW)
    assert queries.recipients_for(asked, "FR").ladder == (recipient.pk,)
    steps.change_recipient(recipient, Details(RecipientKind.HOST, "Host", is_active=False), by=7, now=NOW)
    assert queries.recipients_for(asked, "FR").ladder == ()
    assert queries.usable_contact(recipient) is None


def test_email_before_the_rest() -> None:
    recipient = steps.add_recipient(Details(RecipientKind.HOST, "Host"), by=None, now=NOW)
    form = steps.add_contact(recipient, Channel.WEB_FORM, "https://host.example/abuse", found_by="staff", now=NOW)
    steps.approve_contact(form, by=1, now=NOW)
    assert queries.usable_contact(recipient) == form
    mail = steps.add_contact(recipient, Channel.EMAIL, "abuse@host.example", found_by="staff", now=NOW)
    steps.approve_contact(mail, by=1, now=NOW)
    assert queries.usable_contact(recipient) == mail


def test_partner_only_abroad_and_police_at_home_first() -> None:
    known(RecipientKind.PARTNER_HOTLINE, "Ours", country="FR")
    foreign = known(RecipientKind.POLICE, "Elsewhere", country="NL")
    host = known(RecipientKind.HOST, "Host", "site.example", country="FR")
    asked = locator("https://site.example/")
    assert queries.recipients_for(asked, "fr") == Recipients((host.pk,), authority=foreign.pk, partner=None)
    ours = known(RecipientKind.POLICE, "Brigade", country="FR")
    assert queries.recipients_for(None, "FR") == Recipients((), authority=ours.pk, partner=None)


def test_a_suggestion_is_unusable_until_a_person_approves_it() -> None:
    recipient = steps.suggest_contact_for("unknown.example", by=1, now=NOW)
    assert recipient.kind == RecipientKind.SITE_OWNER
    contact = recipient.contacts.get()
    assert (contact.address, contact.found_by) == ("abuse@unknown.example", "rfc2142")
    assert queries.usable_contact(recipient) is None
    assert steps.suggest_contact_for("unknown.example", by=1, now=NOW) == recipient
    assert Contact.objects.count() == 1
    with pytest.raises(DirectoryRefused):
        steps.suggest_contact_for("com", by=1, now=NOW)


def test_a_suggestion_for_a_known_recipient_is_that_recipient() -> None:
    recipient = known(RecipientKind.HOST, "Host", "site.example", is_approved=False)
    assert steps.suggest_contact_for("site.example", by=1, now=NOW) == recipient
    assert recipient.contacts.count() == 1
    bare = steps.suggest_contact_for("10.1.2.3", by=1, now=NOW)
    assert not bare.contacts.exists()


@pytest.mark.parametrize(
    ("details", "reason"),
    [
        (Details(RecipientKind.HOST, " \n"), "name_missing"),
        (Details(RecipientKind.HOST, "x" * 121), "too_long"),
        (Details(RecipientKind.HOST, "x", country="France"), "country_unreadable"),
        (Details(RecipientKind.HOST, "x", language="de"), "language_unknown"),
        (Details(RecipientKind.HOST, "x", working_days="07"), "working_days_unreadable"),
        (Details(RecipientKind.HOST, "x", time_zone="Mars/Olympus"), "time_zone_unknown"),
    ],
)
def test_what_cannot_be_kept_is_refused(details: Details, reason: str) -> None:
    with pytest.raises(DirectoryRefused) as refused:
        steps.add_recipient(details, by=None, now=NOW)
    assert refused.value.reasons == (reason,)
    assert not Recipient.objects.exists()


def test_one_name_a_kind() -> None:
    known(RecipientKind.HOST, "Host")
    with pytest.raises(DirectoryRefused) as refused:
        steps.add_recipient(Details(RecipientKind.HOST, " Host "), by=None, now=NOW)
    assert refused.value.reasons == ("name_taken",)
    other = known(RecipientKind.PLATFORM, "Host")
    with pytest.raises(DirectoryRefused):
        steps.change_recipient(other, Details(RecipientKind.HOST, "Host"), by=1, now=NOW)


@pytest.mark.parametrize(
    "address", ["no at sign", "a@b@c.example", "a@b.example\nBcc: x@y.example", "a|b@c.example", "", "a b@c.d"]
)
def test_addresses_that_could_forge_a_header_are_refused(address: str) -> None:
    recipient = known(RecipientKind.HOST, "Host")
    with pytest.raises(DirectoryRefused):
        steps.add_contact(recipient, Channel.EMAIL, address, found_by="staff", now=NOW)


@pytest.mark.parametrize("domain", ["", "com", "co.uk", "a b", "javascript:alert(1)", "@toto", "two.example three.example"])
def test_domains_nobody_can_answer_for_are_refused(domain: str) -> None:
    recipient = known(RecipientKind.HOST, "Host")
    with pytest.raises(DirectoryRefused):
        steps.add_domain(recipient, domain, by=1, now=NOW)
    assert not RecipientDomain.objects.exists()


def test_domains_come_and_go_and_the_journal_tells() -> None:
    recipient = known(RecipientKind.HOST, "Host")
    assert steps.add_domain(recipient, "Site.Example", by=1, now=NOW)
    assert not steps.add_domain(recipient, "www.site.example", by=1, now=NOW)
    steps.remove_domain(recipient, "site.example", by=1, now=NOW)
    assert not recipient.domains.exists()
    verbs = list(Entry.objects.values_list("verb", flat=True).order_by("pk"))
    assert verbs == ["recipient_added", "contact_added", "contact_approved", "domain_added", "domain_removed"]


def test_working_days_are_those_of_the_place() -> None:
    details = Details(RecipientKind.HOST, "Host", working_days="43210", time_zone="Pacific/Auckland")
    recipient = steps.add_recipient(details, by=None, now=NOW)
    assert recipient.working_days == "01234"
    friday_noon_in_paris = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
    assert not queries.is_working(recipient, friday_noon_in_paris), "already Saturday there"
    assert queries.is_working(recipient, friday_noon_in_paris - timedelta(hours=12))
    always = steps.add_recipient(Details(RecipientKind.HOST, "Always"), by=None, now=NOW)
    assert queries.is_working(always, friday_noon_in_paris + timedelta(days=1))


def test_help_services_of_the_country() -> None:
    here = known(RecipientKind.HELP_SERVICE, "Here", country="FR")
    everywhere = known(RecipientKind.HELP_SERVICE, "Everywhere")
    known(RecipientKind.HELP_SERVICE, "There", country="NL")
    assert list(queries.help_services("fr")) == [here, everywhere]
