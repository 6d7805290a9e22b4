"""The ``rempart`` command: one word for each program. It knows their names and starts them; nothing else lives here."""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version

USAGE = """\
usage: rempart PROGRAM …

  rempart desk …     the desk of an association: public site, console, worker
  rempart --version  which Rempart this is

rempart desk --help says what the desk can do.
To try everything with invented cases: rempart desk run --rehearsal
"""

PROGRAMS = {"desk": "rempart.desk.project.command"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the program named first. Returns the exit code: 0 well, 1 a refusal said in a sentence, 2 a misspelt command."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in {"-h", "--help", "help"}:
        sys.stdout.write(USAGE)
        return 0 if words else 2
    if words[0] in {"-V", "--version"}:
        sys.stdout.write(f"rempart {version('rempart')}\n")
        return 0
    if words[0] not in PROGRAMS:
        sys.stderr.write(f"Rempart has no program named “{words[0]}”.\n\n{USAGE}")
        return 2
    start: Callable[[Sequence[str]], int] = import_module(PROGRAMS[words[0]]).main
    return start(words[1:])
