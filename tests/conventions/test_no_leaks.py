"""No file of ours tells on which machine it was written, or where that machine gets its packages.

Neither is named here: the folder is the one this checkout lies in, the hosts are those the machine's own tools are set to.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache

from tests.conventions.sources import ROOT, name_of, report, text_of, tracked_files

HOMES = r"(?<![\w.~\-])/(?:Users|home/[\w.\-]+)/"
OPTIONS = r"--(?:(?:extra-)?index-url|find-links|trusted-host)\b"
SPOKEN_OF = ("/", "/tmp", "/srv", "/opt", "/var", "/usr/src")
"""Folders that documents may well speak of: a checkout right under one says nothing of the machine."""
HOST = re.compile(r"https?://(?:[^@/\s']*@)?([^/:\s']+)")
SETTINGS = (("pip", "config", "list"), ("npm", "config", "get", "registry"))


@cache
def leak() -> re.Pattern[str]:
    """What must not be found: homes, the folder above this checkout, hosts of registries, options that name them."""
    folder = rf"(?<![\w.~\-]){re.escape(str(ROOT.parent))}/"
    known = [HOMES, OPTIONS, *(rf"\b{re.escape(host)}\b" for host in hosts())]
    return re.compile("|".join(known if str(ROOT.parent) in SPOKEN_OF else [folder, *known]))


def hosts() -> set[str]:
    """The hosts that the package tools of this machine are set to; none where they are not installed."""
    said = [
        subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
        for command in SETTINGS
        if shutil.which(command[0])
    ]
    return {host for text in said for host in HOST.findall(text)} - {"127.0.0.1", "localhost"}


def test_no_machine_path_and_no_registry_host() -> None:
    offences = [
        f"{name_of(path)}:{number}: {found.group()}"
        for path in tracked_files()
        for number, line in enumerate((text_of(path) or "").splitlines(), start=1)
        for found in leak().finditer(line)
    ]
    assert not offences, report(offences)


def test_a_leak_would_be_seen() -> None:
    assert leak().search("-r " + "/home" + "/camille/rempart/x")
    assert leak().search("pip install --index-" + "url https://registry.example/simple")
    assert all(leak().search(f"https://{host}/x") for host in hosts())
    assert not leak().search("https://example.org/home/of/art")
    assert not leak().search("~/home/camille/notes")
