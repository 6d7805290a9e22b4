"""We act. Every verb of this stage, gathered here for the doors and the later stages; each is one transaction.

filing     duties come into being: ``file_duties``, ``catch_up``, reminders, escalations, ``ask_supervisor``
grouping   ``carry_out_notices``: what is owed to one recipient goes into one letter
sending    ``send_notices``: claim, look again, intention, attempt, outcome; ``redden_doubtful``
red        what a person does about red duties: retry, clear, confirm, send again, record by hand
dossiers   ``prepare_dossiers``, ``record_dossier_sent``
answering  ``answer_reports``, ``tell_by_email``
unknown_sites  ``add_to_directory``: the owner of a site nobody is known for
closing    ``close_together``: an item and those decided with it
"""

from rempart.desk.stages.action.answering import answer_reports, redden_doubtful_emails, tell_by_email
from rempart.desk.stages.action.closing import close_together
from rempart.desk.stages.action.dossiers import (
    prepare_dossiers,
    record_dossier_read,
    record_dossier_sent,
    record_dossiers_sent,
)
from rempart.desk.stages.action.errors import ActionRefused
from rempart.desk.stages.action.filing import (
    ask_supervisor,
    catch_up,
    file_duties,
    file_escalation,
    file_reminder,
    file_reminders,
)
from rempart.desk.stages.action.grouping import carry_out_notices
from rempart.desk.stages.action.red import (
    clear_duty,
    confirm_sent,
    record_sent_by_hand,
    retry_duty,
    retry_reachable,
    send_again,
)
from rempart.desk.stages.action.sending import redden_doubtful, send_notices
from rempart.desk.stages.action.unknown_sites import add_to_directory

__all__ = [
    "ActionRefused",
    "add_to_directory",
    "answer_reports",
    "ask_supervisor",
    "carry_out_notices",
    "catch_up",
    "clear_duty",
    "close_together",
    "confirm_sent",
    "file_duties",
    "file_escalation",
    "file_reminder",
    "file_reminders",
    "prepare_dossiers",
    "record_dossier_read",
    "record_dossier_sent",
    "record_dossiers_sent",
    "record_sent_by_hand",
    "redden_doubtful",
    "redden_doubtful_emails",
    "retry_duty",
    "retry_reachable",
    "send_again",
    "send_notices",
    "tell_by_email",
]
