"""What the machine says: room on the disk, the clock, the kind of disk, the workers."""

import os
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from rempart.desk.project import heartbeat
from rempart.desk.project.doctor.findings import Finding, care, good, unsafe
from rempart.desk.project.opening import Opened

MIB = 1_048_576
ROOM_NEEDED, ROOM_WISHED = 200 * MIB, 2048 * MIB
NETWORK_DISKS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "glusterfs", "ceph", "afs", "fuse.s3fs"})
RELEASED = datetime(2026, 1, 1, tzinfo=UTC)


def disk(opened: Opened, now: datetime) -> Iterator[Finding]:
    """Room left, and nobody else's eyes on the data folder."""
    free = shutil.disk_usage(opened.data).free
    left = f"{free / MIB / 1024:.1f} GiB are free on the disk of the data."
    if free < ROOM_NEEDED:
        yield unsafe("disk", f"The disk is almost full: {left}")
    else:
        yield care("disk", left) if free < ROOM_WISHED else good("disk", left)
    if opened.data.stat().st_mode & 0o007:
        yield care("data_mode", f"Other people of this machine can look into the data folder: chmod 750 {opened.data}")


def network_disk(opened: Opened, now: datetime) -> Iterator[Finding]:
    """SQLite's locks do not hold on a network disk."""
    if opened.config.database:
        return
    kind = disk_kind(opened.data.resolve(), Path("/proc/self/mounts"))
    if kind in NETWORK_DISKS:
        yield unsafe(
            "network_disk", f"The SQLite database lies on a network disk ({kind}), where it can be damaged. Use PostgreSQL."
        )
    if _is_several_cores_busy():
        yield care("sqlite", "SQLite suits one machine and a small team; PostgreSQL takes more workers at once.")


def _is_several_cores_busy() -> bool:
    return (os.cpu_count() or 1) >= 8


def disk_kind(folder: Path, mounts: Path) -> str:
    """The type of the file system a folder lies on; empty when it cannot be told."""
    try:
        lines = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return ""
    held = [(line[1].replace("\\040", " "), line[2]) for line in lines if len(line) > 2]
    fitting = [(len(place), kind) for place, kind in held if folder.is_relative_to(place)]
    return max(fitting)[1] if fitting else ""


def clock(opened: Opened, now: datetime) -> Iterator[Finding]:
    """Deadlines and second factors need the right time."""
    if now < RELEASED:
        yield unsafe("clock", f"The clock of this machine says {now:%d %B %Y}: that cannot be right.")
        return
    if (
        sys.platform == "linux"
        and not Path("/run/systemd/timesync/synchronized").exists()
        and Path("/run/systemd/system").exists()
    ):
        yield care(
            "clock", "The clock is not known to be kept right (systemd-timesyncd): second factors need it within half a minute."
        )


def workers(opened: Opened, now: datetime) -> Iterator[Finding]:
    """Somebody does the work."""
    found = heartbeat.beats(opened.data, now)
    alive = [beat for beat in found if not beat.is_silent(now)]
    for beat in found:
        if beat.is_silent(now):
            yield unsafe("worker_silent", f"{beat.name} has not been heard since {beat.at:%d/%m %H:%M} UTC.")
    failing = sorted({stage for beat in alive for stage in beat.failing})
    if failing:
        yield unsafe("worker_failing", f"The workers fail at: {', '.join(failing)}. The log says where.")
    if alive:
        yield good("workers", f"{len(alive)} worker(s) at work.")
    elif not found:
        yield care("workers", "No worker runs at this moment on this machine: reports would be taken, but nothing would follow.")


EXAMINATIONS = (disk, network_disk, clock, workers)
