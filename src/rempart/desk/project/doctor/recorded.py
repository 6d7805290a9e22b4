"""What the database says: its version, the staff, the directory, what is left red."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from rempart.desk.project import database as state
from rempart.desk.project import opening
from rempart.desk.project.doctor.findings import Finding, care, good, unsafe
from rempart.desk.project.opening import Opened, Refusal
from rempart.desk.registers.bank.models import Protection
from rempart.desk.registers.directory.models import TAKES_NOTICES, Contact, Recipient, RecipientKind
from rempart.desk.registers.lists import canaries, webhooks
from rempart.desk.registers.people.models import Person
from rempart.desk.rules.access import Role
from rempart.desk.rules.looking import NEEDS_A_PERSON
from rempart.desk.stages.action.models import Duty, Notice
from rempart.desk.stages.intake.models import Item

RED_TOO_LONG = timedelta(days=1)
LOOKED_AT_WITHIN = timedelta(days=3)
STUCK_AFTER = timedelta(minutes=10)
CANARY_TOUCHED = timedelta(days=7)


def database(opened: Opened, now: datetime) -> Iterator[Finding]:
    """Reachable, of this version, and founded as what the settings say."""
    try:
        pending = state.pending_migrations()
        if not pending:
            opening.refuse_wrong_database(opened.config)
    except Refusal as refusal:
        yield unsafe("database", str(refusal))
        return
    if pending:
        yield unsafe("migrations", f"The database is older than this Rempart ({len(pending)} changes): rempart desk migrate")
    else:
        yield good("database", "The database answers and is of this version.")


def staff(opened: Opened, now: datetime) -> Iterator[Finding]:
    """An administrator and somebody to assess, all with a second factor."""
    active = Person.objects.filter(is_active=True)
    if not active.filter(role=Role.ADMINISTRATOR).exists():
        yield unsafe("administrator", "There is no administrator: rempart desk person add NAME --role administrator")
    elif not active.filter(role=Role.ADMINISTRATOR, totp_confirmed_at__isnull=False).exists():
        yield unsafe("second_factor", "No administrator has set up the second factor yet: sign in once.")
    without = active.filter(totp_confirmed_at__isnull=True).exclude(role=Role.ADMINISTRATOR).count()
    if without:
        yield care(
            "second_factor", f"{without} member(s) of the staff have no second factor yet; they are asked at the first sign-in."
        )
    readers = active.filter(role__in=[Role.ANALYST, Role.SUPERVISOR]).count()
    if readers == 0:
        yield unsafe("analysts", "Nobody can assess: add an analyst.")
    elif readers == 1 and settings.REMPART.second_reading_one_in:
        yield care("second_reader", "One person alone can assess: second readings will wait until there is another.")
    if readers and not active.filter(role=Role.SUPERVISOR).exists():
        yield unsafe("supervisor", "There is no supervisor: nobody can arbitrate or clear a red duty.")


def directory(opened: Opened, now: datetime) -> Iterator[Finding]:
    """Somebody can be told."""
    usable = Contact.objects.filter(approved_at__isnull=False, retired_at__isnull=True, recipient__is_active=True)
    takers = usable.filter(recipient__kind__in=[kind.value for kind in TAKES_NOTICES])
    if takers.exists():
        yield good("contacts", f"{takers.count()} approved contact(s) take notices.")
    else:
        yield unsafe("contacts", "No contact of a platform or host is approved: no notice can be sent.")
    active = Recipient.objects.filter(is_active=True)
    if not active.filter(kind=RecipientKind.POLICE).exists():
        yield unsafe("police", "The directory names no police unit: dossiers have nobody to go to.")
    if not active.filter(kind=RecipientKind.HELP_SERVICE).exists():
        yield care("help", "The directory names no help service: nobody can be referred.")
    waiting = Contact.objects.filter(approved_at__isnull=True, retired_at__isnull=True).count()
    if waiting:
        yield care("contacts_waiting", f"{waiting} contact(s) wait for a person to approve them.")


def red(opened: Opened, now: datetime) -> Iterator[Finding]:
    """Failures nobody has looked at."""
    old = now - RED_TOO_LONG
    duties = Duty.objects.filter(done_at__isnull=True, failed_at__lt=old).count()
    if duties:
        yield unsafe("red_duties", f"{duties} duty(ies) have been red for more than a day: a supervisor must clear them.")
    doubtful = Notice.objects.filter(
        Q(claimed_until__isnull=True) | Q(claimed_until__lt=now),
        attempted_at__lt=old, sent_at__isnull=True, cancelled_at__isnull=True,
    ).count()  # fmt: skip
    if doubtful:
        yield unsafe(
            "doubtful_notices", f"{doubtful} notice(s) may or may not have left, for more than a day: a supervisor must say."
        )
    stuck = Item.objects.filter(state="received", received_at__lt=now - STUCK_AFTER).count()
    if stuck:
        yield unsafe("stuck", f"{stuck} address(es) have waited more than ten minutes to be made ready: is a worker running?")


def canaries_touched(opened: Opened, now: datetime) -> Iterator[Finding]:
    """Clients of the lists that asked or voted about pictures that nobody has."""
    touched = sorted(canaries.alarms_since(now - CANARY_TOUCHED))
    if touched:
        numbers = ", ".join(str(number) for number in touched)
        yield care(
            "canaries",
            f"In the last week client(s) {numbers} of the lists asked or voted about canaries, pictures that nobody has: "
            "ask them how; their list may be in other hands.",
        )


def protections(opened: Opened, now: datetime) -> Iterator[Finding]:
    """Protections that wait for a person to look: until then platforms let through what they match."""
    old = Protection.objects.filter(trust__in=[one.value for one in NEEDS_A_PERSON], trust_at__lt=now - LOOKED_AT_WITHIN).count()
    if old:
        yield care(
            "protections_waiting", f"{old} protection(s) have waited for a person for more than three days: see Protections."
        )


def webhooks_failing(opened: Opened, now: datetime) -> Iterator[Finding]:
    """Clients of the lists that cannot be told of changes."""
    failing = webhooks.failing()
    if failing:
        numbers = ", ".join(str(number) for number in sorted(failing))
        stopped = sum(target.stopped_at is not None for target in failing.values())
        yield care(
            "webhooks",
            f"Client(s) {numbers} of the lists cannot be told that a list changed ({stopped} given up): their page says why. "
            "They still get everything when they read.",
        )


EXAMINATIONS = (staff, directory, red, protections, canaries_touched, webhooks_failing)
