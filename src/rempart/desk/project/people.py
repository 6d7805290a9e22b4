"""``rempart desk person add``: an account made at the machine itself."""

import argparse
import sys
from datetime import UTC, datetime

from rempart.desk.project import opening, questions
from rempart.desk.project.opening import Refusal
from rempart.desk.rules.access import Role

REASONS = {
    "name_missing": "The sign-in name must be one word.",
    "name_taken": "Somebody already signs in with this name.",
    "display_name_missing": "A name to show is needed.",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who, with which role."""
    parser.add_argument("gesture", choices=("add",), help="what to do")
    parser.add_argument("name", help="sign-in name, one word")
    parser.add_argument("--role", required=True, choices=[role.value for role in Role], help="what the person is here for")
    parser.add_argument("--display-name", help="name shown to colleagues (default: the sign-in name)")
    parser.add_argument("--language", choices=("fr", "en"), default="fr", help="language of the console (fr)")
    parser.add_argument("--password-stdin", action="store_true", help="read the password from the input")
    parser.add_argument("--yes", action="store_true", help="ask nothing: a password is made and shown once")


def run(arguments: argparse.Namespace) -> int:
    """Add one member of the staff."""
    opening.open_desk(arguments.settings)
    password, is_made = chosen_password(arguments, may_ask=not arguments.yes)
    create(arguments.name, arguments.display_name or arguments.name, Role(arguments.role), password, arguments.language)
    sys.stdout.write(f"{arguments.name} can sign in; the second factor is set up at the first sign-in.\n")
    if is_made:
        sys.stdout.write(f"Password, shown only once: {password}\n")
    return 0


def chosen_password(arguments: argparse.Namespace, *, may_ask: bool) -> tuple[str, bool]:
    """The password, and whether it was made by us."""
    if arguments.password_stdin:
        return questions.password_from_stdin(), False
    if may_ask:
        return questions.ask_password(_what_is_wrong), False
    return questions.make_password(), True


def _what_is_wrong(password: str) -> str | None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    try:
        validate_password(password)
    except ValidationError as error:
        return " ".join(error.messages)
    return None


def create(name: str, display_name: str, role: Role, password: str, language: str) -> None:
    """Make the account. Raises :class:`Refusal`."""
    from rempart.desk.registers.people import steps
    from rempart.desk.registers.people.errors import AccountRefused, PasswordRefused

    try:
        steps.create_person(name, display_name, role, password, now=datetime.now(UTC), language=language)
    except PasswordRefused as error:
        raise Refusal(" ".join(error.messages)) from error
    except AccountRefused as error:
        raise Refusal(" ".join(REASONS.get(reason, reason) for reason in error.reasons)) from error
