"""The installation a rehearsal uses: its own folder, settings, keys and database; made at the first start, kept afterwards."""

import os
from pathlib import Path

from rempart.desk.project import settings_file
from rempart.desk.project.opening import Opened, Refusal, open_settings
from rempart.desk.registers.installation.config import ConfigError, load_config
from rempart.desk.registers.installation.keys import make_keys

FOLDER = Path("var/rehearsal")
MAIL_PORT = 8025

SETTINGS = {
    "association": "Phare (rehearsal)",
    "contact_email": "desk@phare.localhost",
    "mail_from": "notices@phare.localhost",
    "trusted_flagger_reference": "REHEARSAL-2026-01",
    "trusted_flagger_coordinator": "FR-ARCOM",
    "trusted_flagger_area": "Protection of minors (invented decision)",
    "data_folder": ".",
    # No sample of second readings: the guided tour must go the same way for everybody.
    "second_reading_one_in": 0,
    "smtp_port": MAIL_PORT,
    "is_rehearsal": True,
    # Made at the first start, of pictures that everybody of the invented world knows.
    "well_known_pictures": "well-known",
}


def open_rehearsal(named: Path | None) -> Opened:
    """The rehearsal's installation, made if it is not there yet. A settings file that is not a rehearsal's is refused."""
    path = (named or FOLDER / "rempart.toml").resolve()
    if not path.exists():
        settings_file.write(path, SETTINGS, "en")
    keys = path.parent / _keys_name(path)
    if not keys.exists():
        make_keys(keys)
    opened = open_settings(path)
    if not opened.config.is_rehearsal:
        raise Refusal(
            f"{path} holds the settings of real work: a rehearsal never runs on them.\n"
            "Leave out --settings, and the rehearsal makes an installation of its own in var/rehearsal."
        )
    return opened


def _keys_name(path: Path) -> str:
    try:
        return load_config(path, dict(os.environ)).keys_file
    except ConfigError as error:
        raise Refusal(str(error)) from error
