"""The settings on paper: the commented file ``rempart desk init`` writes, and the reference pages of the documentation."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from rempart.desk.project.settings_in_french import ABOUT_IN_FRENCH, SECTIONS_IN_FRENCH
from rempart.desk.registers.installation.config import ENVIRONMENT_PREFIX, Config

SECTIONS: dict[str, tuple[str, ...]] = {
    "The association": (
        "association", "public_url", "contact_email", "reference_prefix", "country", "time_zone",
        "trusted_flagger_reference", "trusted_flagger_coordinator", "trusted_flagger_area",
        "independence_fr", "independence_en",
    ),
    "The machine": ("listen", "threads", "hosts", "behind_proxy", "database", "data_folder", "keys_file"),
    "Outgoing mail": ("smtp_host", "smtp_port", "smtp_user", "smtp_password", "smtp_security", "mail_from"),
    "The staff": ("second_reading_one_in", "session_hours", "idle_minutes"),
    "The public door": (
        "reports_per_hour", "reports_per_hour_each", "protections_per_hour", "protections_per_hour_each", "neutral_url",
        "well_known_pictures",
    ),
    "Platforms that read the lists": ("webhooks_to_private_addresses",),
    "Rehearsal": ("is_rehearsal", "rehearsal_port", "rehearsal_matcher_port"),
}  # fmt: skip
"""Every setting has its place; one that is new and not placed yet comes last, under “Others”."""

SECRETS = frozenset({"smtp_password"})


def sections() -> dict[str, tuple[str, ...]]:
    """Titles and the names of the settings under them; none is left out."""
    placed = {name for names in SECTIONS.values() for name in names}
    others = tuple(setting.name for setting in fields(Config) if setting.name not in placed)
    return {**SECTIONS, **({"Others": others} if others else {})}


def about(name: str, language: str) -> str:
    """The sentence of a setting."""
    english = {setting.name: setting.metadata["about"] for setting in fields(Config)}[name]
    return ABOUT_IN_FRENCH.get(name, english) if language == "fr" else str(english)


def title(section: str, language: str) -> str:
    """The title of a section."""
    return SECTIONS_IN_FRENCH[section] if language == "fr" else section


def defaults() -> dict[str, Any]:
    """Every setting with its default."""
    return {setting.name: setting.default for setting in fields(Config)}


def as_toml(values: Mapping[str, Any], language: str) -> str:
    """The whole settings file: each setting with its sentence; those left at their default are commented out."""
    head = {
        "en": "Settings of the desk. A line that begins with # shows a default.\n"
        f"# An environment variable {ENVIRONMENT_PREFIX}NAME overrides the setting NAME. After a change: restart the desk.",
        "fr": "Réglages du desk. Une ligne qui commence par # montre une valeur par défaut.\n"
        f"# Une variable d’environnement {ENVIRONMENT_PREFIX}NOM l’emporte sur le réglage NOM. "
        "Après un changement : redémarrer le desk.",
    }[language]
    lines = [f"# {head}"]
    for section, names in sections().items():
        lines += ["", f"# ── {title(section, language)} ──"]
        for name in names:
            lines += ["", f"# {about(name, language)}", _line(name, values)]
    return "\n".join(lines) + "\n"


def _line(name: str, values: Mapping[str, Any]) -> str:
    default = defaults()[name]
    value = values.get(name, default)
    return f"{name} = {toml_value(value)}" if value != default else f"# {name} = {toml_value(default)}"


def toml_value(value: Any) -> str:
    """A text, a number or a boolean as TOML writes it. JSON's escapes are TOML's."""
    return json.dumps(value, ensure_ascii=False)


def as_reference(language: str) -> str:
    """The reference page of the documentation, in Markdown."""
    words = {
        "en": ("Settings", "Setting", "What it is", "Default", "empty", REFERENCE_HEAD_EN),
        "fr": ("Réglages", "Réglage", "Ce que c’est", "Par défaut", "vide", REFERENCE_HEAD_FR),
    }[language]
    heading, setting, what, default, empty, head = words
    lines = [f"# {heading}", "", OTHER_LANGUAGE[language], "", head]
    for section, names in sections().items():
        lines += ["", f"## {title(section, language)}", "", f"| {setting} | {what} | {default} |", "|---|---|---|"]
        for name in names:
            value = defaults()[name]
            shown = f"`{toml_value(value)}`" if value != "" else empty
            lines.append(f"| `{name}` | {about(name, language)} | {shown} |")
    return "\n".join(lines) + "\n"


OTHER_LANGUAGE = {
    "en": "[Français](../../fr/reference/reglages.md) · [Map of the documentation](../../index.md)",
    "fr": "[English](../../en/reference/settings.md) · [Plan de la documentation](../../index.md)",
}

REFERENCE_HEAD_EN = f"""\
The desk reads one file, `rempart.toml`, written by `rempart desk init` with the sentences below. It looks for it where
`--settings` says, then in `REMPART_SETTINGS`, then in the current folder, then in `/etc/rempart`. Any setting can be
given by an environment variable: `{ENVIRONMENT_PREFIX}` plus its name in capitals. `rempart desk settings` prints those
in force, without secrets.

This page is made from the code by `rempart desk settings --reference en`; a test keeps it true."""

REFERENCE_HEAD_FR = f"""\
Le desk lit un seul fichier, `rempart.toml`, écrit par `rempart desk init` avec les phrases ci-dessous. Il le cherche à
l’endroit nommé par `--settings`, puis par `REMPART_SETTINGS`, puis dans le dossier courant, puis dans `/etc/rempart`.
Tout réglage peut être donné par une variable d’environnement : `{ENVIRONMENT_PREFIX}` suivi de son nom en capitales.
`rempart desk settings` affiche ceux qui sont en vigueur, sans les secrets.

Cette page est tirée du code par `rempart desk settings --reference fr` ; un test veille à ce qu’elle dise vrai."""


def write(path: Path, values: Mapping[str, Any], language: str) -> None:
    """Write the settings file; only its owner and group may read it. Refuses to overwrite."""
    content = as_toml(values, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(content)
    path.chmod(0o640)
