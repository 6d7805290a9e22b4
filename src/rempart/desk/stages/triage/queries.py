"""Questions about what was decided and what waits."""

from rempart.desk.registers.vault import sealing
from rempart.desk.rules import classification
from rempart.desk.rules.assessment import Decision, Verdict
from rempart.desk.stages.triage.models import Assessment


def decision_of(row: Assessment, *, with_note: bool = False) -> Decision:
    """The reading as the rules see it. The note is opened only when asked for."""
    has_note = with_note and row.sealed_note is not None
    return Decision(
        verdict=Verdict(row.verdict),
        grading=classification.from_data(row.grading) if row.grading else None,
        not_illegal_reason=row.not_illegal_reason,
        is_police_first=row.is_police_first,
        asks_second=row.asks_second,
        note=sealing.unseal(row.sealed_note) if has_note and row.sealed_note is not None else "",
    )
