"""``rempart matcher …``: what the person who keeps the machine can type. Each verb is a module that is read when asked for."""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec

from rempart.engine.commands.finding import printable, reason
from rempart.matcher.command.opening import Refusal
from rempart.matcher.settings import SettingsError

MODULES = "rempart.matcher.command"
STOPPED = 130
NEEDED = ("uvicorn", "uvloop", "httptools", "msgspec", "urllib3")
IS_MISSING = 'The matcher is not installed here, only the engine. To install it: pip install ".[matcher]" in the clone\n'

VERBS: dict[str, tuple[str, str]] = {
    # verb: where it lives, what it does
    "run": (f"{MODULES}.run", "read the lists, answer questions, tell what was done; until Ctrl-C"),
    "lists": (f"{MODULES}.looking", "say how each list stands, and what waits for a person"),
    "check": (f"{MODULES}.checking", "say whether these files are on a list; nothing needs to run"),
    "decide": (f"{MODULES}.acting", "record what a person decided about a match; the list's owner is told"),
    "disable": (f"{MODULES}.acting", "switch one entry off here, whatever its owner says"),
    "enable": (f"{MODULES}.acting", "take that back"),
    "resume": (f"{MODULES}.acting", "let an entry block again that was paused because of a flood of hits"),
    "settings": (f"{MODULES}.writing", "check the settings file, or print an example with --example"),
    "double": (f"{MODULES}.double", "play the owner of a list, with drawn entries, to try a matcher"),
}
SCAN = "scan"
SCAN_ABOUT = "look through what is stored already"


def main(words: Sequence[str]) -> int:
    """Run one verb. Returns the exit code: 0 well, 1 a refusal said in a sentence, 2 a misspelt command, 130 after Ctrl-C."""
    if any(find_spec(name) is None for name in NEEDED):
        sys.stderr.write(IS_MISSING)
        return 1
    if words and words[0] == SCAN:
        # It reads its own options.
        start: Callable[[Sequence[str]], int] = import_module("rempart.matcher.scan.command").main
        return start(words[1:])
    parser = build_parser(next(iter(words), ""))
    asked = parser.parse_args(list(words))
    if asked.verb is None:
        parser.print_help()
        return 2
    run: Callable[[argparse.Namespace], int] = asked.run
    try:
        code = run(asked)
        sys.stdout.flush()
        return code
    except (Refusal, SettingsError) as refused:
        sys.stderr.write(f"{refused}\n")
    except sqlite3.Error as refused:
        sys.stderr.write(f"What is in the matcher's folder cannot be used at the moment ({type(refused).__name__}).\n")
    except BrokenPipeError:  # whoever read our lines has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as refused:
        named = refused.filename if isinstance(refused.filename, str) else "The matcher's folder"
        sys.stderr.write(f"{printable(named)}: {reason(refused)}\n")
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return STOPPED
    return 1


def build_parser(asked: str) -> argparse.ArgumentParser:
    """The verbs, and the options of the one that is asked for: the others are not read, so that a start is quick."""
    parser = argparse.ArgumentParser(
        prog="rempart matcher", description="The matcher: what a platform runs to know whether an upload is on a list."
    )
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="what it can do")
    for verb, (module_name, about) in VERBS.items():
        one = verbs.add_parser(verb, help=about, description=f"{about[:1].upper()}{about[1:]}.")
        if verb != asked:
            continue
        module = import_module(module_name)
        suffix = "" if hasattr(module, "run") else f"_{verb}"
        getattr(module, f"add_arguments{suffix}")(one)
        one.set_defaults(run=getattr(module, f"run{suffix}"))
    verbs.add_parser(SCAN, help=SCAN_ABOUT, add_help=False)
    return parser
