"""The settings of one installation: one TOML file, every value overridable by an environment variable.

A setting exists once, here, with its sentence; the reference page and the commented file of ``rempart desk init`` are
made from it.
"""

import os
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

ENVIRONMENT_PREFIX = "REMPART_"


class ConfigError(RuntimeError):
    """A settings file or variable cannot be used; the message is a sentence for the person who runs the desk."""


def _setting(default: Any, about: str) -> Any:
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting of the desk. Names are the TOML keys; the environment variable is ``REMPART_`` plus the name in capitals."""

    association: str = _setting("Rempart", "Name of the association, shown on every page and in every notice.")
    public_url: str = _setting("http://127.0.0.1:8000", "Address people type to reach the desk, without a final slash.")
    contact_email: str = _setting("contact@example.org", "Where recipients of notices can reach a person.")
    reference_prefix: str = _setting("R", "Letters that begin every reference number.")
    country: str = _setting("FR", "ISO code of the country the hotline works in; hosts elsewhere go to a partner hotline too.")
    time_zone: str = _setting("Europe/Paris", "Time zone in which days, deadlines and figures are counted.")
    trusted_flagger_reference: str = _setting("", "Reference of the trusted flagger decision (DSA article 22), empty if none.")
    trusted_flagger_coordinator: str = _setting("", "Who awarded it, for example FR-ARCOM.")
    trusted_flagger_area: str = _setting("", "Area of expertise named in the decision.")
    independence_fr: str = _setting("", "How the association stays independent of providers, in French, for the yearly report.")
    independence_en: str = _setting("", "The same, in English.")
    listen: str = _setting("127.0.0.1:8000", "Address and port the web process listens on.")
    threads: int = _setting(8, "Threads of the web process.")
    database: str = _setting("", "PostgreSQL address (postgresql://user@host/name); empty means SQLite in the data folder.")
    data_folder: str = _setting("var", "Where the SQLite database and the desk's own files live.")
    keys_file: str = _setting("keys.json", "File of the secrets; relative to the settings file.")
    smtp_host: str = _setting("127.0.0.1", "Mail server that takes our outgoing mail.")
    smtp_port: int = _setting(25, "Its port.")
    smtp_user: str = _setting("", "User name on the mail server, empty if none.")
    smtp_password: str = _setting("", "Its password; better given as an environment variable.")
    smtp_security: str = _setting("none", "How the mail connection is protected: none, starttls or tls.")
    mail_from: str = _setting("notices@example.org", "Sender address of notices.")
    is_rehearsal: bool = _setting(False, "Rehearsal mode: invented hosts and people. Never possible over real data.")
    rehearsal_port: int = _setting(8001, "Port of the invented hosts and of the mail catcher's pages (rehearsal only).")
    rehearsal_matcher_port: int = _setting(8002, "Port of the invented platform's matcher (rehearsal only).")
    behind_proxy: bool = _setting(False, "A reverse proxy with HTTPS stands before the desk and sets X-Forwarded-Proto.")
    hosts: str = _setting("127.0.0.1,localhost", "Host names the desk answers to, separated by commas.")
    second_reading_one_in: int = _setting(20, "One assessment in this many is read by a second person; 0 turns the sample off.")
    session_hours: int = _setting(10, "A staff session ends after this many hours at most.")
    idle_minutes: int = _setting(30, "A staff session ends after this many minutes without a gesture.")
    reports_per_hour: int = _setting(2000, "Reports taken per hour from everybody together before the door asks to come back.")
    reports_per_hour_each: int = _setting(30, "Reports taken per hour from one network address (never stored, forgotten hourly).")
    protections_per_hour: int = _setting(1000, "Times per hour that pictures may be protected, everybody together.")
    protections_per_hour_each: int = _setting(20, "The same from one network address (never stored, forgotten hourly).")
    well_known_pictures: str = _setting(
        "",
        "Folder of an index of pictures everybody knows (rempart index build); protecting one waits for a person. Empty: none.",
    )
    webhooks_to_private_addresses: bool = _setting(
        False, "Platforms may be told of changes at private addresses and without HTTPS: only inside a network of your own."
    )
    neutral_url: str = _setting("https://www.service-public.fr/", "Page the leave-quickly button goes to.")

    @property
    def host_list(self) -> list[str]:
        """``hosts`` as a list."""
        return [name.strip() for name in self.hosts.split(",") if name.strip()]


def load_config(path: Path | None, environment: dict[str, str] | None = None) -> Config:
    """Read the settings file (or only the environment when ``path`` is None). Raises :class:`ConfigError` with a sentence."""
    values = _from_file(path) if path is not None else {}
    values.update(_from_environment(os.environ if environment is None else environment))
    return Config(**values)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text())
    except FileNotFoundError as error:
        raise ConfigError(f"the settings file {path} does not exist; run: rempart desk init") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"the settings file {path} cannot be read: {error}") from error
    known = {setting.name: setting for setting in fields(Config)}
    for name, value in content.items():
        if name not in known:
            raise ConfigError(f"{path}: there is no setting named {name}")
        if type(value) is not known[name].type:
            raise ConfigError(f"{path}: {name} must be {_words_for(known[name].type)}")
    return content


def _from_environment(environment: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for setting in fields(Config):
        text = environment.get(ENVIRONMENT_PREFIX + setting.name.upper())
        if text is not None:
            found[setting.name] = _read(setting.name, setting.type, text)
    return found


def _read(name: str, kind: Any, text: str) -> Any:
    if kind is bool:
        lowered = text.strip().lower()
        if lowered in {"1", "true", "yes", "on"}:
            return True
        if lowered in {"0", "false", "no", "off", ""}:
            return False
    elif kind is int:
        try:
            return int(text)
        except ValueError:
            pass
    else:
        return text
    raise ConfigError(f"{ENVIRONMENT_PREFIX}{name.upper()} must be {_words_for(kind)}, not {text!r}")


def _words_for(kind: Any) -> str:
    return {bool: "true or false", int: "a whole number", str: "a text between quotes"}[kind]
