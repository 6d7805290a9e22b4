"""Opening an installation: find its settings, start Django on them, refuse a database that belongs to something else."""

import os
from dataclasses import dataclass
from pathlib import Path

from rempart.desk.registers.installation.config import Config, ConfigError, load_config
from rempart.desk.registers.installation.keys import KeysError, read_keys
from rempart.desk.registers.vault.keyring import NAME, Keyring

SETTINGS_VARIABLE = "REMPART_SETTINGS"
SETTINGS_MODULE = "rempart.desk.project.settings"
USUAL_PLACES = (Path("rempart.toml"), Path("/etc/rempart/rempart.toml"))


class Refusal(Exception):
    """The command cannot go on; the message is a sentence for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One installation, found and readable. ``settings_file`` is None when everything comes from environment variables."""

    config: Config
    settings_file: Path | None
    folder: Path

    @property
    def data(self) -> Path:
        """Where the database and the desk's own files live."""
        return self.folder / self.config.data_folder

    @property
    def keys_file(self) -> Path:
        """The file of the secrets."""
        return self.folder / self.config.keys_file

    @property
    def keyring(self) -> Keyring:
        """The keys of the protections, beside the secrets."""
        return Keyring(self.keys_file.with_name(NAME))


def find_settings(named: Path | None) -> Path | None:
    """The settings file: the one named, else ``REMPART_SETTINGS``, else the usual places."""
    if named is not None:
        return named.resolve()
    from_environment = os.environ.get(SETTINGS_VARIABLE)
    if from_environment:
        return Path(from_environment).resolve()
    return next((place.resolve() for place in USUAL_PLACES if place.exists()), None)


def open_settings(named: Path | None) -> Opened:
    """Read the settings and try the keys. Raises :class:`Refusal`."""
    path = find_settings(named)
    if path is None and "REMPART_KEYS_FILE" not in os.environ:
        raise Refusal(
            "No settings file was found here or in /etc/rempart. Make one with: rempart desk init\n"
            "To try the desk with invented cases: rempart desk run --rehearsal"
        )
    try:
        opened = Opened(load_config(path), path, path.parent if path else Path.cwd())
        read_keys(opened.keys_file)
    except (ConfigError, KeysError) as error:
        raise Refusal(sentence(error)) from error
    if path is not None:
        os.environ[SETTINGS_VARIABLE] = str(path)
    return opened


def start_django(opened: Opened) -> None:
    """Make the settings live in this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    opened.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Nothing is ever collected there, but the static files middleware warns when it is missing.
    (opened.data / "static").mkdir(exist_ok=True)
    import django

    django.setup()


def open_desk(named: Path | None) -> Opened:
    """Everything a command on an existing desk needs: settings, Django, and the right database. Raises :class:`Refusal`."""
    opened = open_settings(named)
    start_django(opened)
    refuse_wrong_database(opened.config)
    return opened


def refuse_wrong_database(config: Config) -> None:
    """Rehearsal over real data, or the reverse, stops here. Raises :class:`Refusal`."""
    from rempart.desk.registers.installation import steps

    try:
        steps.must_match(is_rehearsal=config.is_rehearsal)
    except steps.WrongInstallation as error:
        raise Refusal(sentence(error)) from error


def sentence(error: Exception) -> str:
    """An error of ours as a sentence: a capital first, a full stop last."""
    text = str(error).strip()
    text = text if text.startswith("/") else text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?", ":")) or "\n" in text else text + "."
