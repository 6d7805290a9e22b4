"""The settings of a command: from a file, or from the words of the command alone."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rempart.matcher.settings import SHAPES, Settings, SettingsError, read_settings, settings_of

USUAL_FILE = "matcher.toml"


class Refusal(Exception):
    """The command cannot do it; the text is a sentence."""


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Where the settings are."""
    parser.add_argument("--settings", type=Path, metavar="FILE", help=f"settings file (usual: {USUAL_FILE} here)")


def add_list(parser: argparse.ArgumentParser) -> None:
    """One list, instead of a settings file."""
    one = parser.add_argument_group("one list, instead of a settings file")
    one.add_argument("--list", metavar="URL", help="its address, or the path of a file")
    one.add_argument("--shape", choices=SHAPES, help="how its owner writes it (usual: rempart; file for a path)")
    one.add_argument("--user", help="our name at its owner's")
    one.add_argument("--password", help="seen by whoever lists the processes of this machine: rather --password-file")
    one.add_argument("--password-file", type=Path, metavar="FILE", help="a file that holds the password and nothing else")
    one.add_argument("--folder", type=Path, help="where the matcher keeps what it reads (usual: matcher-data here)")
    one.add_argument("--host", help="the address to listen on (usual: 127.0.0.1, this machine alone)")
    one.add_argument("--port", type=int, help="the port to listen on (usual: 8100)")


def settings_from(asked: argparse.Namespace) -> Settings:
    """Raises SettingsError."""
    if getattr(asked, "list", None):
        if asked.settings is not None:
            raise SettingsError("Give a settings file or a list, not both.")
        return settings_of(_content(asked), base=Path.cwd(), environment=os.environ)
    given = [name for name in ("shape", "user", "password", "password_file", "folder") if getattr(asked, name, None)]
    if given:
        raise SettingsError(f"--{given[0].replace('_', '-')} goes with --list.")
    path = asked.settings or Path(USUAL_FILE)
    if asked.settings is None and not path.exists():
        raise SettingsError(
            f"There is no {USUAL_FILE} here. Name a settings file with --settings; "
            "“rempart matcher settings --example” prints one."
        )
    return read_settings(path)


def _content(asked: argparse.Namespace) -> dict[str, Any]:
    is_file = asked.shape == "file" or (asked.shape is None and "://" not in asked.list)
    one: dict[str, Any] = {"name": _name(asked.list), "shape": "file" if is_file else asked.shape or "rempart"}
    if is_file:
        one["path"] = asked.list
    else:
        if not asked.user or not (asked.password or asked.password_file):
            raise SettingsError("A list with an address needs --user, and --password or --password-file.")
        one |= {"url": asked.list, "user": asked.user}
        one |= {"password": asked.password} if asked.password else {"password_file": str(asked.password_file)}
    server = {name: value for name in ("host", "port") if (value := getattr(asked, name)) is not None}
    return {"folder": str(asked.folder or "matcher-data"), "list": [one], "server": server}


def _name(address: str) -> str:
    """The last part of its address."""
    last = (urlsplit(address).path if "://" in address else Path(address).stem).rstrip("/").rpartition("/")[2]
    found = re.sub(r"[^a-z0-9]+", "-", last.lower()).strip("-")[:40].strip("-")
    return found if found[:1].isalpha() else "list"
