"""``rempart matcher run``: one process that subscribes and tells, and several that answer on one port."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import time
from functools import partial
from types import FrameType

from rempart.matcher.command.opening import Refusal, add_list, add_settings, settings_from
from rempart.matcher.command.worker import GRACE, answer
from rempart.matcher.feedback.outbox import Outbox
from rempart.matcher.service import subscriber
from rempart.matcher.service.family import Child, Family
from rempart.matcher.service.logs import start_logs
from rempart.matcher.service.places import FolderTaken, Lock, keep_apart
from rempart.matcher.settings import Settings
from rempart.matcher.web.serving import listen

logger = logging.getLogger("rempart.matcher.service")

SUBSCRIBER = "The subscriber"
PATIENCE = GRACE + 5.0
TICK = 0.05


class Ending:
    """Counts Ctrl-C and SIGTERM: the first one ends in order, the second at once."""

    def __init__(self) -> None:
        self.count = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1


class Service:
    """The first process: it starts the others, and has nothing else to do."""

    def __init__(self, settings: Settings, listening: list[socket.socket]) -> None:
        self._settings, self._listening = settings, listening
        self._told, self._tell = os.pipe()
        os.set_blocking(self._told, False)
        self._ready = 0
        self._is_greeted = False
        workers = [Child(f"Worker {slot + 1}", partial(self._answer, slot)) for slot in range(len(listening))]
        self._family = Family([Child(SUBSCRIBER, self._subscribe), *workers], self._fell)

    def run(self, ending: Ending) -> None:
        """Until it is asked to end."""
        self._family.start()
        while not ending.count:
            self._family.tend()
            self._greet()
            time.sleep(TICK)
        tell_systemd("STOPPING=1")
        logger.info("Stopping: no new connection; what was begun is ended.")
        for one in self._listening:
            one.close()  # the last copy of each is its worker's, and closes with it
        self._family.stop(PATIENCE, lambda: ending.count > 1)

    def _answer(self, slot: int) -> int:
        for other, one in enumerate(self._listening):
            if other != slot:
                one.close()
        return answer(self._settings, self._listening[slot], slot=slot, told=self._say_ready)

    def _say_ready(self) -> None:
        os.write(self._tell, b".")

    def _subscribe(self) -> int:
        for one in self._listening:
            one.close()
        return subscriber.run(self._settings)

    def _fell(self, child: Child, code: int) -> None:
        if child.name != SUBSCRIBER or code != subscriber.REOPEN:
            return
        child.start_again = 0.0
        for other in self._family.children:
            if other is not child:
                other.send(signal.SIGTERM)  # and it is started again, with what is on the disk now

    def _greet(self) -> None:
        try:
            self._ready += len(os.read(self._told, 1_024))
        except BlockingIOError:
            return
        if self._ready >= len(self._listening) and not self._is_greeted:
            self._is_greeted = True
            host, port = self._listening[0].getsockname()[:2]
            where = f"http://{f'[{host}]' if ':' in host else host}:{port}"
            logger.info("The matcher answers on %s with %d processes. Its page: %s/", where, len(self._listening), where)
            tell_systemd("READY=1")


def run(asked: argparse.Namespace) -> int:
    """Start everything and tend it until Ctrl-C or SIGTERM."""
    ending = Ending()
    settings = settings_from(asked)
    if asked.workers is not None and not 1 <= asked.workers <= 256:
        raise Refusal("--workers must be a number from 1 to 256.")
    start_logs(is_json=asked.json_logs)
    lock = Lock(settings.folder)
    try:
        lock.take()
    except FolderTaken as refused:
        raise Refusal(str(refused)) from None
    for name in keep_apart(settings):
        logger.warning("List %s: the settings name another owner now. What was held of the former one is thrown away.", name)
    Outbox(settings.folder).close()  # its tables are there before several ask for them
    listening = _listening(settings, asked.workers or settings.server.workers or os.cpu_count() or 1)
    Service(settings, listening).run(ending)
    logger.info("Stopped.")
    return 0


def _listening(settings: Settings, workers: int) -> list[socket.socket]:
    """One socket for each worker, all on the same port. Held here too, so that connections outlive a worker that falls."""
    host, port = settings.server.host, settings.server.port
    try:
        with listen(host, port):  # alone: a port that somebody else shares is taken, too
            pass
        made = [listen(host, port, is_shared=True)]
        port = made[0].getsockname()[1]
        return made + [listen(host, port, is_shared=True) for _ in range(workers - 1)]
    except OSError as refused:
        reason = (refused.strerror or type(refused).__name__).lower()
        raise Refusal(
            f"The matcher cannot listen on {host} port {port}: {reason}. Another one is chosen by server.port."
        ) from None


def tell_systemd(message: str) -> None:
    """The readiness protocol of systemd (sd_notify), when it started us."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        try:
            line.sendto(message.encode(), "\0" + path[1:] if path.startswith("@") else path)
        except OSError:
            return


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``matcher run``."""
    add_settings(parser)
    add_list(parser)
    parser.add_argument("--workers", type=int, metavar="N", help="processes that answer (usual: one for each core)")
    parser.add_argument("--json-logs", action="store_true", help="one JSON object for each line of the log")
