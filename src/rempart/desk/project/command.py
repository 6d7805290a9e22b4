"""``rempart desk …``: what the person who keeps the machine can type. Each verb is a module that is only read when asked for."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from rempart.desk.project.opening import Refusal

MODULES = "rempart.desk.project"

VERBS: dict[str, tuple[str, str]] = {
    # verb: where it lives, what it does
    "init": (f"{MODULES}.init", "make a new desk: settings, keys, database, first administrator"),
    "run": (f"{MODULES}.run", "start the desk (web and worker) until Ctrl-C; --rehearsal to try it"),
    "check": (f"{MODULES}.doctor", "say what is missing or unsafe before real use"),
    "migrate": (f"{MODULES}.upkeep", "bring the database to this version of Rempart"),
    "settings": (f"{MODULES}.upkeep", "print the settings in force, without secrets"),
    "person": (f"{MODULES}.people", "add a member of the staff"),
    "client": (f"{MODULES}.clients", "say which platforms may read the lists: add, list, rotate, revoke"),
    "trace": (f"{MODULES}.trace", "say whose copy of a list a leaked file comes from"),
    "export-list": (f"{MODULES}.export_list", "write a list into a signed file, for a client that reads no feed"),
    "backup": (f"{MODULES}.backup", "copy the database into one file while the desk runs"),
    "restore": (f"{MODULES}.backup", "put a backup in place of the database"),
}
REPLAY = "replay-year"
REPLAY_ABOUT = "replay a whole year of a hotline through the desk (rehearsal only)"


def main(words: Sequence[str]) -> int:
    """Run one verb. A refusal is one sentence on the error output and exit code 1; never a traceback."""
    if words and words[0] == REPLAY:
        # It reads its own options: it is also a benchmark.
        start: Callable[[Sequence[str]], int] = import_module("rempart.desk.rehearsal.replay").main
        return _without_traceback(lambda: start(words[1:]))
    parser = build_parser()
    arguments = parser.parse_args(words)
    if arguments.verb is None:
        parser.print_help()
        return 2
    run: Callable[[argparse.Namespace], int] = arguments.run
    return _without_traceback(lambda: run(arguments))


def _without_traceback(act: Callable[[], int]) -> int:
    try:
        return act()
    except Refusal as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    except BrokenPipeError:
        # The reader of our output left (`| head`): nothing more to say, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return 130


def build_parser() -> argparse.ArgumentParser:
    """The options of every verb. Modules are light: Django starts only when a verb runs."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--settings", type=Path, metavar="FILE", help="settings file (default: rempart.toml here)")
    parser = argparse.ArgumentParser(prog="rempart desk", description="The desk of an association.")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="what it can do")
    for verb, (module_name, about) in VERBS.items():
        module = import_module(module_name)
        one = verbs.add_parser(verb, help=about, description=f"{about[:1].upper()}{about[1:]}.", parents=[common])
        suffix = "" if hasattr(module, "run") else f"_{verb}"
        getattr(module, f"add_arguments{suffix}")(one)
        one.set_defaults(run=getattr(module, f"run{suffix}"))
    verbs.add_parser(REPLAY, help=REPLAY_ABOUT, add_help=False)
    return parser
