"""The ``rempart`` command: one word for each program. It knows their names and starts them; nothing else lives here."""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec

USAGE = """\
usage: rempart PROGRAM …

  rempart hash …     fingerprints of pictures and videos
  rempart index …    build, keep and ask an index of fingerprints
  rempart desk …     the desk of an association: public site, console, worker
  rempart matcher …  what a platform runs: reads lists, says whether an upload is on one
  rempart --version  which Rempart this is, and how its engine runs here

Each says what it can do: rempart hash --help
To try the whole desk with invented cases: rempart desk run --rehearsal
"""

PROGRAMS = {
    "hash": "rempart.engine.commands.hash",
    "index": "rempart.engine.commands.index",
    "desk": "rempart.desk.project.command",
    "matcher": "rempart.matcher.command",
}
DESK_IS_MISSING = 'The desk is not installed here, only the engine. To install it: pip install ".[desk]" in the clone\n'


def main(arguments: Sequence[str] | None = None) -> int:
    """Start the program named first. Returns the exit code: 0 well, 1 a refusal said in a sentence, 2 a misspelt command."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in {"-h", "--help", "help"}:
        sys.stdout.write(USAGE)
        return 0 if words else 2
    if words[0] in {"-V", "--version"}:
        from rempart.engine.native.library import describe

        sys.stdout.write(f"rempart {version('rempart')}\n{describe()}\n")
        return 0
    if words[0] not in PROGRAMS:
        sys.stderr.write(f"Rempart has no program named “{words[0]}”.\n\n{USAGE}")
        return 2
    if words[0] == "desk" and find_spec("django") is None:
        sys.stderr.write(DESK_IS_MISSING)
        return 1
    start: Callable[[Sequence[str]], int] = import_module(PROGRAMS[words[0]]).main
    return start(words[1:])
