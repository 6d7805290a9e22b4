"""The invented people of the staff. Their passwords and second factors are known to everybody: they only exist in a rehearsal."""

from dataclasses import dataclass
from datetime import datetime

import pyotp
from django.utils.translation import gettext_lazy as _

from rempart.desk.rules.access import Role

PASSWORD = "lanterne-douce-17"  # noqa: S105 - public on purpose
STEP = 30


@dataclass(frozen=True, slots=True)
class Player:
    """One of them."""

    sign_in_name: str
    display_name: str
    role: Role
    totp_secret: str
    does: object
    language: str = "fr"

    def code_at(self, now: datetime) -> str:
        """The six digits the telephone would show at that moment."""
        return pyotp.TOTP(self.totp_secret).at(now)


PLAYERS = (
    Player("ines", "Inès Marchal", Role.ANALYST, "REMPARTREHEARSALINESAAAAAAAAAAAA", _("assesses what people report")),
    Player(
        "theo",
        "Théo Kerguen",
        Role.ANALYST,
        "REMPARTREHEARSALTHEOAAAAAAAAAAAA",
        _("assesses too, and gives second readings"),
        "en",
    ),
    Player("salome", "Salomé Vidal", Role.SUPERVISOR, "REMPARTREHEARSALSALOMEAAAAAAAAAA", _("decides when two readings differ")),
    Player("basile", "Basile Aubry", Role.ADMINISTRATOR, "REMPARTREHEARSALBASILEAAAAAAAAAA", _("keeps accounts and directory")),
    Player("noor", "Noor Lamrani", Role.AUDITOR, "REMPARTREHEARSALNOORAAAAAAAAAAAA", _("reads the journal and the figures")),
)


def seconds_left(now: datetime) -> int:
    """How long the present codes still stand."""
    return STEP - int(now.timestamp()) % STEP
