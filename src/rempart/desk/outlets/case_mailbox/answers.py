"""What a person who reported something is answered: plain, warm, true, and never more than is sure."""

from dataclasses import dataclass
from pathlib import Path

from rempart.desk.outlets.texts import write
from rempart.desk.rules.assessment import Verdict

_FOLDER = Path(__file__).parent / "templates"
LANGUAGES = ("fr", "en")


@dataclass(frozen=True, slots=True)
class Help:
    """One service that can help: its name, how to reach it, when."""

    name: str
    reach: str
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """One address of the report, by its place in it, and what was decided."""

    number: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """Everything an answer depends on. ``is_young``: the reporter is a minor speaking of herself or himself (*tu*)."""

    language: str
    answered: tuple[Answered, ...]
    is_young: bool = False
    is_in_danger: bool = False
    is_in_france: bool = True
    services: tuple[Help, ...] = ()


def write_answer(words: AnswerWords) -> str:
    """The answer in the language of the report (French or, for everybody else, English)."""
    language = words.language if words.language in LANGUAGES else "en"
    form = "answer_young" if words.is_young else "answer"
    needs_help = any(one.verdict is Verdict.LAWFUL_HELP_NEEDED for one in words.answered)
    written = write(
        _FOLDER,
        f"case_mailbox/{form}.{language}.txt",
        {
            "answered": _grouped(words.answered),
            "is_one": len(words.answered) == 1,
            "is_in_danger": words.is_in_danger,
            "is_in_france": words.is_in_france,
            "shows_help": needs_help or words.is_young or words.is_in_danger,
            "services": words.services,
        },
    )
    return f"{written.subject}\n\n{unwrapped(written.text)}"


def unwrapped(text: str) -> str:
    """One line a paragraph, as a narrow screen folds it; lists and lines that announce something keep their own."""
    lines = [""]
    for line in text.splitlines():
        starts_anew = not line or line.startswith("- ") or not lines[-1] or lines[-1].endswith(":")
        if starts_anew:
            lines.append(line)
        else:
            lines[-1] += f" {line.strip()}"
    return "\n".join(lines[1:])


def _grouped(answered: tuple[Answered, ...]) -> list[dict[str, object]]:
    """Addresses decided alike are told together: "Addresses 1, 3"."""
    groups: dict[Verdict, list[int]] = {}
    for one in answered:
        groups.setdefault(one.verdict, []).append(one.number)
    return [
        {"verdict": verdict.value, "numbers": ", ".join(str(number) for number in numbers), "count": len(numbers)}
        for verdict, numbers in groups.items()
    ]
