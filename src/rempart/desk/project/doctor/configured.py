"""What the settings and the keys file say."""

import ipaddress
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from rempart.desk.project import keyring_file
from rempart.desk.project.doctor.findings import Finding, care, good, unsafe
from rempart.desk.project.opening import Opened
from rempart.desk.project.settings_file import defaults
from rempart.desk.registers.installation.keys import is_private_to_owner
from rempart.desk.registers.vault.keyring import KeyringError
from rempart.engine import EngineError, IndexStore

BACKUP_SIGNS = ("backup", "sauvegarde")


def rehearsal(opened: Opened, now: datetime) -> Iterator[Finding]:
    """A rehearsal is never real work."""
    if opened.config.is_rehearsal:
        yield unsafe(
            "rehearsal", "This is a rehearsal: everything in it is invented. Real work needs its own installation (desk init)."
        )


def identity(opened: Opened, now: datetime) -> Iterator[Finding]:
    """The association has its own name and addresses."""
    usual = defaults()
    missing = {
        "association": "The association has no name yet (setting association).",
        "contact_email": "Nobody can be reached: contact_email is still the example.",
        "mail_from": "Notices would be sent from an example address (setting mail_from).",
    }
    found = [unsafe(name, text) for name, text in missing.items() if getattr(opened.config, name) == usual[name]]
    yield from found or [good("identity", f"Notices are signed by {opened.config.association}.")]
    if not opened.config.trusted_flagger_reference:
        yield care(
            "trusted_flagger", "No trusted-flagger reference is set: notices go without it, which is right if there is none."
        )


def public_address(opened: Opened, now: datetime) -> Iterator[Finding]:
    """People reach the desk over HTTPS, through a proxy that says so."""
    config = opened.config
    parts = urlsplit(config.public_url)
    if parts.scheme != "https":
        yield unsafe(
            "https", f"The public address {config.public_url} is not HTTPS: what people report could be read on the way."
        )
    elif not config.behind_proxy:
        yield unsafe(
            "proxy", "behind_proxy is false: cookies would go without protection. Set it once a proxy speaks HTTPS for the desk."
        )
    else:
        yield good("https", f"The public address is {config.public_url}, behind a proxy.")
    if (parts.hostname or "") not in config.host_list and "*" not in config.host_list:
        yield unsafe("hosts", f"The desk does not answer to {parts.hostname}: add it to the setting hosts.")
    if "*" in config.host_list:
        yield unsafe("hosts", "The setting hosts accepts any name: write the real ones.")
    host = config.listen.rpartition(":")[0].strip("[]")
    if not _is_loopback(host):
        yield care("listen", f"The web process listens on {config.listen}: make sure that only the proxy can reach it.")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def keys(opened: Opened, now: datetime) -> Iterator[Finding]:
    """The secrets are readable by their owner alone and do not lie with the backups or the data."""
    path = opened.keys_file.resolve()
    if not is_private_to_owner(path):
        yield unsafe("keys_mode", f"Other people of this machine can read the keys: chmod 600 {path}")
    else:
        yield good("keys_mode", "Only the owner can read the keys.")
    if _lies_with_backups(path):
        yield unsafe("keys_place", f"The keys lie in a folder of backups ({path.parent}): whoever takes it reads everything.")
    elif path.is_relative_to(opened.data.resolve()) and not opened.config.is_rehearsal:
        yield care("keys_place", "The keys lie in the data folder: a copy of that folder would hold both the lock and the key.")
    if path.stat().st_uid != os.geteuid():
        yield care("keys_owner", "The keys belong to another user than the one who runs this command.")


def keyring(opened: Opened, now: datetime) -> Iterator[Finding]:
    """The keys of the protections are there, and their owner's alone."""
    absent = keyring_file.missing(opened)
    if absent is not None:
        yield unsafe("keyring", absent)
        return
    path = opened.keyring.path
    try:
        opened.keyring.identity()
    except KeyringError as error:
        yield unsafe("keyring", str(error))
        return
    if is_private_to_owner(path):
        yield good("keyring", "The keyring of the protections is there, and only its owner can read it.")
    else:
        yield unsafe("keyring", f"Other people of this machine can read the keyring: chmod 600 {path}")


def well_known(opened: Opened, now: datetime) -> Iterator[Finding]:
    """The index of pictures that everybody knows can be read, where one is named."""
    named = opened.config.well_known_pictures
    if not named:
        yield care("well_known", "No index of well-known pictures is set: whoever protects a flag or a meme is not held up.")
        return
    try:
        count = len(IndexStore.open(opened.folder / named))
    except (EngineError, OSError) as error:
        yield unsafe(
            "well_known",
            f"The index of well-known pictures cannot be read ({type(error).__name__}): setting well_known_pictures.",
        )
        return
    yield good("well_known", f"{count} fingerprints of well-known pictures are compared with what people protect.")


def _lies_with_backups(path: Path) -> bool:
    named = any(sign in part.lower() for part in path.parts[:-1] for sign in BACKUP_SIGNS)
    return named or any(path.parent.glob("*.rempart-backup"))


def mail(opened: Opened, now: datetime) -> Iterator[Finding]:
    """The mail server can be reached, and a password does not travel in clear."""
    config = opened.config
    if config.smtp_security not in {"none", "starttls", "tls"}:
        yield unsafe("mail_security", "smtp_security must be none, starttls or tls.")
    is_far = not _is_loopback(config.smtp_host)
    if is_far and config.smtp_security == "none":
        yield unsafe(
            "mail_security", f"Mail goes to {config.smtp_host} without protection: set smtp_security to starttls or tls."
        )
    if config.smtp_user and not config.smtp_password:
        yield unsafe("mail_password", "smtp_user is set without smtp_password.")
    yield _reach_mail_server()


def _reach_mail_server() -> Finding:
    from django.conf import settings
    from django.core.mail import get_connection

    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    connection = get_connection(timeout=8)
    try:
        connection.open()
        connection.close()
    except Exception as error:
        return unsafe("mail_server", f"The mail server {where} cannot be used ({type(error).__name__}): no notice can leave.")
    return good("mail_server", f"The mail server {where} takes our mail.")


def django_debug(opened: Opened, now: datetime) -> Iterator[Finding]:
    """Error pages that tell everything are off."""
    from django.conf import settings

    if settings.DEBUG:
        yield unsafe("debug", "DEBUG is on: error pages would show everything. The desk never needs it.")


EXAMINATIONS = (rehearsal, identity, public_address, keys, keyring, well_known, mail, django_debug)
