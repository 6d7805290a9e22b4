"""``rempart desk check``: a doctor that says in sentences what is missing or unsafe before real use."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime

from rempart.desk.project import opening
from rempart.desk.project.doctor.findings import Finding, Severity
from rempart.desk.project.opening import Opened, Refusal

Examination = Callable[[Opened, datetime], Iterator[Finding]]
MARKS = {Severity.UNSAFE: "✗", Severity.CARE: "!", Severity.GOOD: "✓"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For people, or for a monitoring program."""
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0 when nothing is unsafe, 1 otherwise."""
    findings = examine(arguments)
    unsafe = sum(finding.severity is Severity.UNSAFE for finding in findings)
    if arguments.json:
        content = {"is_safe": not unsafe, "findings": [asdict(finding) for finding in findings]}
        sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    else:
        sys.stdout.write(_for_people(findings, unsafe))
    return 1 if unsafe else 0


def examine(arguments: argparse.Namespace) -> list[Finding]:
    """Everything that was looked at, what is unsafe first."""
    try:
        opened = opening.open_settings(arguments.settings)
        opening.start_django(opened)
    except Refusal as refusal:
        return [Finding("settings", Severity.UNSAFE, str(refusal))]
    return look(opened, datetime.now(UTC))


def look(opened: Opened, now: datetime) -> list[Finding]:
    """All examinations. One that breaks down is itself a finding."""
    from rempart.desk.project.doctor import configured, machine, recorded

    examinations: tuple[Examination, ...] = (*configured.EXAMINATIONS, *machine.EXAMINATIONS)
    findings = [finding for one in examinations for finding in _try(one, opened, now)]
    readable = list(_try(recorded.database, opened, now))
    findings += readable
    if all(finding.severity is Severity.GOOD for finding in readable):
        findings += [finding for one in recorded.EXAMINATIONS for finding in _try(one, opened, now)]
    return sorted(findings, key=lambda finding: list(Severity).index(finding.severity))


def _try(examination: Examination, opened: Opened, now: datetime) -> list[Finding]:
    try:
        return list(examination(opened, now))
    except Exception as error:
        name = examination.__name__
        return [Finding(name, Severity.UNSAFE, f"This could not be looked at ({name}: {type(error).__name__}).")]


def _for_people(findings: list[Finding], unsafe: int) -> str:
    lines = [f"{MARKS[finding.severity]} {finding.sentence}" for finding in findings]
    care = sum(finding.severity is Severity.CARE for finding in findings)
    verdict = (
        f"Not safe for real use yet: {unsafe} to mend, {care} to think about."
        if unsafe
        else f"Nothing unsafe was found; {care} to think about."
    )
    return "\n".join([*lines, "", verdict]) + "\n"
