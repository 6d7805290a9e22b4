"""How long a whole matcher takes from its start to its first answer: the command as it is typed, with all its processes.

Used by ``matcher_http.py``; the folder holds lists that were read before, and nobody answers for their owners.
"""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REMPART = str(Path(sys.executable).with_name("rempart"))
QUESTION = b'{"pdq": "' + b"0f" * 32 + b'"}'
LONGEST = 60.0


def restart_ready_seconds(settings: Path, port: int) -> float:
    """From typing the command to the first answer that asked every list (each was read before). Raises TimeoutError."""
    began = time.perf_counter()
    with _running(settings):
        while time.perf_counter() - began < LONGEST:
            if _answers(port):
                return time.perf_counter() - began
            time.sleep(0.002)
    raise TimeoutError("The matcher did not answer.")


@contextmanager
def _running(settings: Path) -> Iterator[None]:
    command = [REMPART, "matcher", "run", "--settings", str(settings)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=LONGEST)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("POST", "/v1/match", QUESTION, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status == 200 and b'"unready":[]' in answer.read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
