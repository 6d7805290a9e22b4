"""Who may do what: one table, readable aloud."""

from enum import StrEnum


class Role(StrEnum):
    """What a person of the staff is here for."""

    ANALYST = "analyst"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """One thing a person may do in the console."""

    READ_QUEUE = "read_queue"
    ASSESS = "assess"
    ARBITRATE = "arbitrate"
    READ_REPORTER_WORDS = "read_reporter_words"
    ANSWER_REPORTER = "answer_reporter"
    SEND_DOSSIER = "send_dossier"
    CLEAR_RED_DUTY = "clear_red_duty"
    READ_PROTECTIONS = "read_protections"
    DECIDE_PROTECTIONS = "decide_protections"
    READ_DIRECTORY = "read_directory"
    EDIT_DIRECTORY = "edit_directory"
    APPROVE_CONTACT = "approve_contact"
    READ_FIGURES = "read_figures"
    READ_JOURNAL = "read_journal"
    MANAGE_CLIENTS = "manage_clients"
    MANAGE_PEOPLE = "manage_people"


_ANALYST = frozenset(
    {
        Permission.READ_QUEUE,
        Permission.ASSESS,
        Permission.READ_REPORTER_WORDS,
        Permission.ANSWER_REPORTER,
        Permission.SEND_DOSSIER,
        Permission.READ_PROTECTIONS,
        Permission.DECIDE_PROTECTIONS,
        Permission.READ_DIRECTORY,
        Permission.READ_FIGURES,
    }
)
_SUPERVISOR = _ANALYST | {
    Permission.ARBITRATE,
    Permission.CLEAR_RED_DUTY,
    Permission.EDIT_DIRECTORY,
    Permission.APPROVE_CONTACT,
    Permission.READ_JOURNAL,
    Permission.MANAGE_CLIENTS,
}

ROLES: dict[Role, frozenset[Permission]] = {
    Role.ANALYST: _ANALYST,
    Role.SUPERVISOR: _SUPERVISOR,
    # An administrator keeps the machine and the accounts running and never reads what reporters wrote.
    Role.ADMINISTRATOR: frozenset(
        {
            Permission.READ_DIRECTORY,
            Permission.EDIT_DIRECTORY,
            Permission.READ_FIGURES,
            Permission.READ_JOURNAL,
            Permission.MANAGE_CLIENTS,
            Permission.MANAGE_PEOPLE,
        }
    ),
    # An auditor reads what was done, by whom and when, and changes nothing. What was said of a protection is in the journal, with
    # its reason: the pages themselves lead to how old somebody is and to what she wrote.
    Role.AUDITOR: frozenset({Permission.READ_FIGURES, Permission.READ_JOURNAL, Permission.READ_DIRECTORY}),
}


def may(role: Role, permission: Permission) -> bool:
    """Whether a person with this role may do this."""
    return permission in ROLES[role]
