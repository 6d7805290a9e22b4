"""``rempart desk init``: a handful of questions, one settings file, fresh keys, a database and the first administrator."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rempart.desk.project import database, opening, people, questions, settings_file
from rempart.desk.project.opening import Opened, Refusal
from rempart.desk.registers.installation.keys import KeysError, make_keys
from rempart.desk.registers.vault.keyring import NAME, Keyring, KeyringError

ASKED = (
    # option, question in English, question in French, default, check
    ("association", "Name of the association", "Nom de l’association", "", questions.is_not_empty),
    ("public_url", "Public address of the desk", "Adresse publique du desk", "https://desk.example.org", questions.is_address),
    ("contact_email", "E-mail address of a person", "Adresse électronique d’une personne", "", questions.is_email),
    ("mail_server", "Outgoing mail server", "Serveur de courrier sortant", "localhost:25", questions.is_mail_server),
    ("database", "PostgreSQL address (empty: SQLite)", "Adresse PostgreSQL (vide : SQLite)", "", questions.is_database),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Every answer can be given beforehand; ``--yes`` takes the defaults for the others."""
    parser.add_argument("--yes", action="store_true", help="ask nothing: take the options and the defaults")
    parser.add_argument("--language", choices=("fr", "en"), help="of the settings file and of the administrator")
    for name, question, _, default, _ in ASKED:
        shown = f" (default: {default})" if default else ""
        parser.add_argument(f"--{name.replace('_', '-')}", metavar="TEXT", help=f"{question[:1].lower()}{question[1:]}{shown}")
    parser.add_argument("--data-folder", metavar="FOLDER", help="where the data live (default: var, beside the settings)")
    parser.add_argument("--administrator", metavar="NAME", help="sign-in name of the first administrator (default: admin)")
    parser.add_argument("--password-stdin", action="store_true", help="read the administrator's password from the input")


def run(arguments: argparse.Namespace) -> int:
    """Make a new desk. Nothing that exists is ever overwritten."""
    path = (arguments.settings or Path("rempart.toml")).resolve()
    if path.exists():
        raise Refusal(f"{path} already exists: a desk lives here. To begin another one, go to another folder.")
    language = arguments.language or ("fr" if arguments.yes else _ask_language())
    values = settings_values(_answers(arguments, language))
    if arguments.data_folder:
        values["data_folder"] = arguments.data_folder
    _write(path, values, language)
    opened = opening.open_settings(path)
    opening.start_django(opened)
    _make_database(opened)
    shown = _first_administrator(arguments, language)
    sys.stdout.write(_done(opened, shown))
    return 0


def _ask_language() -> str:
    usual = "fr" if os.environ.get("LANG", "").startswith("fr") else "en"
    return questions.ask("Language / langue (fr, en)", usual, questions.is_language)


def _answers(arguments: argparse.Namespace, language: str) -> dict[str, str]:
    answers: dict[str, str] = {}
    for name, english, french, default, check in ASKED:
        given: str | None = getattr(arguments, name)
        if given is None and not arguments.yes:
            answers[name] = questions.ask(french if language == "fr" else english, default, check)
            continue
        answers[name] = given if given is not None else default
        wrong = check(answers[name])
        if wrong is not None:
            raise Refusal(f"--{name.replace('_', '-')}: {wrong}")
    return answers


def settings_values(answers: dict[str, str]) -> dict[str, Any]:
    """The settings that follow from the answers."""
    address = answers["public_url"].rstrip("/")
    host = urlsplit(address).hostname or "localhost"
    name, _, port = answers["mail_server"].partition(":")
    return {
        "association": answers["association"].strip(),
        "public_url": address,
        "contact_email": answers["contact_email"],
        "mail_from": answers["contact_email"],
        "hosts": ",".join(dict.fromkeys([host, "127.0.0.1", "localhost"])),
        "behind_proxy": address.startswith("https://"),
        "smtp_host": name,
        "smtp_port": int(port or 25),
        "smtp_security": {"587": "starttls", "465": "tls"}.get(port, "none"),
        "database": answers["database"],
    }


def _write(path: Path, values: dict[str, Any], language: str) -> None:
    keys = path.parent / settings_file.defaults()["keys_file"]
    try:
        keyring = Keyring(keys.with_name(NAME))
        if keyring.exists():
            raise KeyringError(f"{keyring.path} already exists; a keyring is never overwritten.")
        make_keys(keys)
        keyring.make()
    except (KeysError, KeyringError) as error:
        raise Refusal(f"{opening.sentence(error)} A desk may live here already; go to another folder.") from error
    except OSError as error:
        raise Refusal(f"Nothing can be written in {path.parent}: {error.strerror}.") from error
    settings_file.write(path, values, language)


def _make_database(opened: Opened) -> None:
    database.refuse_contrary(opened.config)
    database.migrate()
    database.found(opened.config)


def _first_administrator(arguments: argparse.Namespace, language: str) -> str:
    """Returns what to show: the name, and the password if nobody chose it."""
    from rempart.desk.registers.people.models import Person
    from rempart.desk.rules.access import Role

    if Person.objects.exists():
        return "The staff of this database was kept as it is."
    name = arguments.administrator or ("admin" if arguments.yes else questions.ask("Sign-in name of the administrator", "admin"))
    password, is_made = people.chosen_password(arguments, may_ask=not arguments.yes)
    people.create(name, name, Role.ADMINISTRATOR, password, language)
    return f"Administrator: {name}" + (f"\nPassword, shown only once: {password}" if is_made else "")


def _done(opened: Opened, shown: str) -> str:
    return f"""
Settings: {opened.settings_file}
Keys:     {opened.keys_file}
Keyring:  {opened.keyring.path}
{shown}

Copy the keys file now to a safe place, apart from the backups: without it nobody, you included, can read the reports.
The second factor is set up at the first sign-in.

Start:             rempart desk run
Before real work:  rempart desk check
"""
