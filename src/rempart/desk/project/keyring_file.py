"""The keyring of the protections: made with the desk, never made again once something depends on it."""

from rempart.desk.project.opening import Opened
from rempart.desk.registers.vault.keyring import KeyringError


def missing(opened: Opened) -> str | None:
    """A sentence when the keyring is not there; nothing can be protected, or found, until its copy is put back."""
    if opened.keyring.exists():
        return None
    return (
        f"The keyring {opened.keyring.path} is missing: nothing new can be protected, and what was is not found any more. "
        "Put back its copy, which lies beside the backups."
    )


def make_if_new(opened: Opened) -> str | None:
    """Make the keyring of a desk that never had one; returns what to say, or None when all is as it was.

    Where a protection exists it is not made: an empty one would hide that its keys were lost.
    """
    from rempart.desk.registers.bank.models import Protection

    absent = missing(opened)
    if absent is None or Protection.objects.exists():
        return absent
    try:
        opened.keyring.make()
    except KeyringError:
        return None  # another process of this desk was quicker
    return f"A keyring for protected pictures was made: {opened.keyring.path}."
