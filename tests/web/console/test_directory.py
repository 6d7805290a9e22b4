"""The directory's pages: what is found by software is used only once a person approves it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from rempart.desk.registers.directory import steps
from rempart.desk.registers.directory.models import Channel, Contact, Recipient
from rempart.desk.registers.directory.queries import usable_contact
from tests import cast
from tests.web.console.conftest import SignedIn

pytestmark = pytest.mark.django_db
CSV = "kind;name;country;domains;contacts\nhost;Nuage;FR;nuage.example;email:abuse@nuage.example\nhost;;FR;;\nship;X;;;\n"


def test_a_contact_found_by_software_waits_for_a_supervisor(signed_in: SignedIn, clock: cast.Clock) -> None:
    recipient = steps.suggest_contact_for("inconnu.example", by=1, now=clock.now)
    contact = recipient.contacts.get()
    listed = signed_in(cast.SOLENE).get(reverse("console:directory"), {"to-approve": "on"}).content.decode()
    assert recipient.name in listed
    assert signed_in(cast.ANGE).post(reverse("console:contact-approve", args=[contact.pk])).status_code == 403
    assert usable_contact(recipient) is None
    signed_in(cast.SOLENE).post(reverse("console:contact-approve", args=[contact.pk]))
    assert usable_contact(recipient) == contact
    signed_in(cast.SOLENE).post(reverse("console:contact-retire", args=[contact.pk]))
    assert usable_contact(recipient) is None


def test_a_recipient_is_added_changed_and_found(signed_in: SignedIn) -> None:
    client = signed_in(cast.SOLENE)
    typed = {"kind": "host", "name": "Nuage", "country": "fr", "language": "fr", "working_days": ["0", "1"], "is_active": "on"}
    client.post(reverse("console:recipient-add"), typed)
    made = Recipient.objects.get(name="Nuage")
    assert (made.country, made.working_days, made.is_active) == ("FR", "01", True)
    wrong = client.post(reverse("console:recipient-add"), typed)
    assert wrong.status_code == 400
    assert "already taken" in wrong.content.decode()
    client.post(reverse("console:recipient-change", args=[made.pk]), {**typed, "name": "Nuages", "is_active": ""})
    made.refresh_from_db()
    assert (made.name, made.is_active) == ("Nuages", False)
    client.post(reverse("console:domain-add", args=[made.pk]), {"domain": "https://www.nuage.example/x"})
    assert "Nuages" in client.get(reverse("console:directory"), {"q": "nuage.ex"}).content.decode()
    client.post(reverse("console:domain-remove", args=[made.pk]), {"domain": "nuage.example"})
    assert not made.domains.exists()
    client.post(reverse("console:contact-add", args=[made.pk]), {"channel": "email", "address": "no"})
    client.post(reverse("console:contact-add", args=[made.pk]), {"channel": "pigeon", "address": "a@nuage.example"})
    assert not made.contacts.exists()
    client.post(reverse("console:contact-add", args=[made.pk]), {"channel": "email", "address": "a@nuage.example"})
    assert made.contacts.get().approved_at is None
    assert made.contacts.get().channel == Channel.EMAIL


def test_a_csv_is_seen_before_it_is_kept(signed_in: SignedIn) -> None:
    client, address = signed_in(cast.ANGE), reverse("console:directory-import")
    page = client.post(address, {"text": CSV, "preview": "on"}).content.decode()
    assert "1 added, 0 changed, 2 lines left out" in page
    assert "Line 3: A name is missing" in page
    assert "Line 4: Choose what kind of recipient it is." in page
    assert not Recipient.objects.exists()
    client.post(address, {"text": CSV, "keep": "on"})
    assert Recipient.objects.get().name == "Nuage"
    assert Contact.objects.get().approved_at is None
    out = client.get(reverse("console:directory-export"))
    assert out.headers["Content-Disposition"] == 'attachment; filename="directory.csv"'
    assert "nuage.example" in out.content.decode()
