"""What the doctor says: a stable name for programs, a sentence for people."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """In the order they are said."""

    UNSAFE = "unsafe"
    CARE = "care"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    name: str
    severity: Severity
    sentence: str


def unsafe(name: str, sentence: str) -> Finding:
    """Real work must not begin like this."""
    return Finding(name, Severity.UNSAFE, sentence)


def care(name: str, sentence: str) -> Finding:
    """Possible, but somebody should think about it."""
    return Finding(name, Severity.CARE, sentence)


def good(name: str, sentence: str) -> Finding:
    """As it should be."""
    return Finding(name, Severity.GOOD, sentence)
