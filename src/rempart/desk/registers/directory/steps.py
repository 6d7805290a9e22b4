"""Every verb of the directory, gathered here. Each is one transaction; a contact is usable only once a person approved it."""

from rempart.desk.registers.directory.changes import (
    RFC_2142,
    add_contact,
    add_domain,
    add_recipient,
    approve_contact,
    change_recipient,
    remove_domain,
    retire_contact,
    suggest_contact_for,
)
from rempart.desk.registers.directory.errors import DirectoryRefused
from rempart.desk.registers.directory.exchange import ImportResult, LineError, export_csv, import_csv

__all__ = [
    "RFC_2142",
    "DirectoryRefused",
    "ImportResult",
    "LineError",
    "add_contact",
    "add_domain",
    "add_recipient",
    "approve_contact",
    "change_recipient",
    "export_csv",
    "import_csv",
    "remove_domain",
    "retire_contact",
    "suggest_contact_for",
]
