"""``rempart desk migrate`` and ``rempart desk settings``."""

import argparse
import sys
from dataclasses import asdict

from rempart.desk.project import database, keyring_file, opening, settings_file


def add_arguments_migrate(parser: argparse.ArgumentParser) -> None:
    """No option of its own."""


def run_migrate(arguments: argparse.Namespace) -> int:
    """Bring the tables to this version. On an empty database, also write whether it is a rehearsal or real."""
    opened = opening.open_settings(arguments.settings)
    opening.start_django(opened)
    database.refuse_contrary(opened.config)
    count = database.migrate()
    database.found(opened.config)
    told = keyring_file.make_if_new(opened)
    if told:
        sys.stdout.write(f"{told}\n")
    sys.stdout.write(f"{count} changes made to the database.\n" if count else "The database is already of this version.\n")
    return 0


def add_arguments_settings(parser: argparse.ArgumentParser) -> None:
    """Printing for people, or the reference page."""
    parser.add_argument("--reference", choices=("en", "fr"), help="print the reference page of all settings instead")


def run_settings(arguments: argparse.Namespace) -> int:
    """Print the settings in force; a secret is only said to be set or not."""
    if arguments.reference:
        sys.stdout.write(settings_file.as_reference(arguments.reference))
        return 0
    opened = opening.open_settings(arguments.settings)
    sys.stdout.write(f"# {opened.settings_file or 'environment variables only'}\n")
    defaults = settings_file.defaults()
    for name, value in asdict(opened.config).items():
        shown = settings_file.toml_value(without_secret(name, value))
        sys.stdout.write(f"{name} = {shown}{'' if value != defaults[name] else '  # default'}\n")
    return 0


def without_secret(name: str, value: object) -> object:
    """The value as it may be shown on a screen."""
    if name in settings_file.SECRETS and value:
        return "(set)"
    if name == "database" and isinstance(value, str) and "@" in value:
        scheme, _, rest = value.partition("://")
        user, _, place = rest.rpartition("@")
        return f"{scheme}://{user.partition(':')[0]}@{place}"
    return value
