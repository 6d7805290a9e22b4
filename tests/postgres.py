"""A private PostgreSQL: made in a temporary folder, reached by a socket in it, gone afterwards.

It listens on no network address and touches no other cluster of the machine. It forgets safety at power
loss (no fsync): tests kill our processes, never the machine.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER = "rempart"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "log_min_messages": "fatal",
}


@contextmanager
def private_cluster() -> Iterator[Path]:
    """Start a cluster; gives the folder of its socket."""
    folder = Path(tempfile.mkdtemp(prefix="rempart-pg-"))
    data = folder / "data"
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres", "postgres")
    options = ["-k", str(folder), *(f"-c{name}={value}" for name, value in SETTINGS.items())]
    control = ["pg_ctl", "--silent", "--wait", "--pgdata", str(data)]
    try:
        run(
            "initdb",
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "-U",
            USER,
            str(data),
        )
        run(*control, "--log", str(folder / "log"), "--options", shlex.join(options), "start")
        try:
            yield folder
        finally:
            run(*control, "--mode=immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def address(socket: Path, name: str) -> str:
    """What REMPART_DATABASE is given to use the database of that name."""
    return f"postgresql://{USER}@/{name}?host={socket}"


def run(program: str, *arguments: str) -> None:
    command = [str(binaries() / program), *arguments]
    other = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    # Output to a file: a pipe would be kept open by the server itself.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(command, stdout=output, stderr=output, cwd="/", **other)
        if done.returncode:
            output.seek(0)
            raise RuntimeError(f"{program} failed:\n{output.read()}")


def binaries() -> Path:
    """Debian keeps them out of the path, one folder a version."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    if not versions:
        raise RuntimeError("PostgreSQL is not installed: tools/system_packages.sh postgresql")
    return versions[-1].parent
