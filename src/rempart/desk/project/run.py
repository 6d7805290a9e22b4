"""``rempart desk run``: one parent process that starts the web, the workers and, in rehearsal, the invented world."""

import argparse
import functools
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from urllib.error import HTTPError, URLError

from rich.console import Console

from rempart.desk.project import database, keyring_file, opening
from rempart.desk.project.children import Child, Family
from rempart.desk.project.opening import Opened, Refusal
from rempart.desk.registers.installation.config import Config

console = Console(highlight=False, soft_wrap=True)
RESET_REQUEST = "reset-requested"
WEB = "The web process"
WORKER = "Worker"
WORLD = "The invented world"
PLATFORM = "The matcher of the invented platform"


class Ending:
    """Counts Ctrl-C and SIGTERM: the first one ends in order, the second at once."""

    def __init__(self) -> None:
        self.count = 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.count += 1

    @property
    def is_asked(self) -> bool:
        """Somebody asked to stop."""
        return self.count > 0

    @property
    def is_hurried(self) -> bool:
        """Somebody asked twice."""
        return self.count > 1


@dataclass(frozen=True, slots=True)
class Families:
    """The desk's own processes, and in rehearsal the invented world and the program that a platform runs."""

    desk: Family
    world: Family
    platform: Family


def run(arguments: argparse.Namespace) -> int:
    """Start everything and tend it until Ctrl-C or SIGTERM."""
    ending = Ending()
    opened = _open(arguments)
    config = opened.config
    refuse_taken_ports(config, only=arguments.only)
    family = Family(children_for(config, workers=arguments.workers, only=arguments.only), say)
    world = Family([world_child()] if config.is_rehearsal and arguments.only != "web" else [], say)
    platform = Family(platform_children(opened, only=arguments.only), say)
    try:
        world.start()
        if world.children:
            _prepare_rehearsal(opened, arguments, world, ending)
        family.start()
        if arguments.only != "worker" and not _wait_for_web(config, family, ending):
            return 1
        platform.start()
        _greet(opened, arguments)
        _tend(opened, arguments, Families(family, world, platform), ending)
    finally:
        if ending.is_asked:
            say("Stopping…")
        platform.stop(lambda: ending.is_hurried)
        family.stop(lambda: ending.is_hurried)
        world.stop(lambda: ending.is_hurried)
    say("Stopped. Nothing was lost; start again with the same command.")
    return 0


def _open(arguments: argparse.Namespace) -> Opened:
    if not arguments.rehearsal:
        opened = opening.open_desk(arguments.settings)
        database.refuse_pending()
        _say_of_keyring(opened)
        database.close()
        return opened
    from rempart.desk.project.rehearsal_folder import open_rehearsal

    opened = open_rehearsal(arguments.settings)
    opening.start_django(opened)
    return opened


def _say_of_keyring(opened: Opened) -> None:
    told = keyring_file.make_if_new(opened)
    if told:
        say(told)


def children_for(config: Config, *, workers: int, only: str | None) -> list[Child]:
    """The processes of the desk itself."""
    web = Child(WEB, [sys.executable, "-m", "gunicorn", "--config", "python:rempart.desk.project.gunicorn_settings"])
    names = [f"{WORKER} {number}" if workers > 1 else "The worker" for number in range(1, workers + 1)]
    command = [sys.executable, "-m", "rempart.desk.project.worker", "--name"]
    working = [Child(name, [*command, f"worker-{number}"]) for number, name in enumerate(names, start=1)]
    return {"web": [web], "worker": working, None: [web, *working]}[only]


def world_child() -> Child:
    """Invented hosts, mail catcher and guided tour."""
    return Child(WORLD, [sys.executable, "-m", "rempart.desk.rehearsal.server"])


def platform_children(opened: Opened, *, only: str | None) -> list[Child]:
    """The matcher of the invented platform, beside a whole rehearsal. Without its libraries, a sentence says so."""
    if not opened.config.is_rehearsal or only is not None:
        return []
    from rempart.desk.rehearsal import platform_matcher

    if not platform_matcher.is_installed():
        say(platform_matcher.MISSING)
        return []
    settings = platform_matcher.settings_file(opened.data)
    return [Child(PLATFORM, platform_matcher.command(settings), log=settings.with_name("log"))]


def refuse_taken_ports(config: Config, *, only: str | None) -> None:
    """Say which port another program holds, before anything is started. Raises :class:`Refusal`."""
    wanted = {} if only == "worker" else {"listen": _host_and_port(config.listen)}
    if config.is_rehearsal and only != "web":
        wanted["rehearsal_port"] = ("127.0.0.1", config.rehearsal_port)
        wanted["smtp_port"] = ("127.0.0.1", config.smtp_port)
    if config.is_rehearsal and only is None:
        wanted["rehearsal_matcher_port"] = ("127.0.0.1", config.rehearsal_matcher_port)
    for name, (host, port) in wanted.items():
        if not _is_free(host, port):
            raise Refusal(
                f"Port {port} is taken by another program (another desk, perhaps). Stop it, or choose another one "
                f"with the setting {name} (environment variable REMPART_{name.upper()})."
            )


def _host_and_port(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not port.isdigit():
        raise Refusal(f"The setting listen must be an address and a port, like 127.0.0.1:8000; it is {listen!r}.")
    return host.strip("[]") or "127.0.0.1", int(port)


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _prepare_rehearsal(opened: Opened, arguments: argparse.Namespace, world: Family, ending: Ending) -> None:
    """Tables, cast and invented past; nothing to do when they are already there."""
    from rempart.desk.project.worker import work_once
    from rempart.desk.rehearsal import platform_matcher, seeding
    from rempart.desk.rehearsal.world import World

    for port in (opened.config.rehearsal_port, opened.config.smtp_port):
        _wait_for_port(port, world, ending)
    memory = World(opened.data)
    database.begin_rehearsal(opened.config, is_complete=seeding.is_seeded(memory))
    keyring_file.make_if_new(opened)
    if not seeding.is_seeded(memory):
        say("First start: preparing the rehearsal. Everything is invented.")
        memory.forget_everything()
        platform_matcher.forget(opened.data)
        stop = functools.partial(getattr, ending, "is_asked")
        try:
            seeding.seed(console, memory, work_once, has_past=not arguments.empty, should_stop=stop)
        except seeding.Interrupted as error:
            raise Refusal("Stopped before the rehearsal was ready; the next start begins it again.") from error
    platform_matcher.write_settings(opened.data, desk=own_address(opened.config), port=opened.config.rehearsal_matcher_port)
    database.close()


def _wait_for_port(port: int, world: Family, ending: Ending) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not ending.is_asked:
        world.tend()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise Refusal("The invented world of the rehearsal did not start." if not ending.is_asked else "Stopped.")


def own_address(config: Config) -> str:
    """Where this machine itself reaches the desk."""
    host, port = _host_and_port(config.listen)
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _wait_for_web(config: Config, family: Family, ending: Ending) -> bool:
    address = f"{own_address(config)}/"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not ending.is_asked:
        family.tend()
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - http, of this machine
            return True
        except HTTPError:
            return True
        except (URLError, OSError):
            time.sleep(0.1)
    if not ending.is_asked:
        say("The web process does not answer after a minute: see the lines above.")
    return ending.is_asked


def _greet(opened: Opened, arguments: argparse.Namespace) -> None:
    if opened.config.is_rehearsal:
        from rempart.desk.rehearsal.greeting import greet

        greet(console, opened.config)
    else:
        doing = {"web": "The web process", "worker": "The worker", None: "The desk"}[arguments.only]
        where = "" if arguments.only == "worker" else f" on http://{opened.config.listen} ({opened.config.public_url})"
        say(f"{doing} runs{where}. Ctrl-C stops it. Is it safe for real work? rempart desk check")
    tell_systemd("READY=1")


def _tend(opened: Opened, arguments: argparse.Namespace, families: Families, ending: Ending) -> None:
    request = opened.data / RESET_REQUEST
    while not ending.is_asked:
        families.desk.tend()
        families.world.tend()
        families.platform.tend()
        if opened.config.is_rehearsal and request.exists():
            _reset(opened, arguments, families, ending)
            request.unlink(missing_ok=True)
        time.sleep(0.2)
    tell_systemd("STOPPING=1")


def _reset(opened: Opened, arguments: argparse.Namespace, families: Families, ending: Ending) -> None:
    say("Resetting the rehearsal: everything invented begins again.")
    from rempart.desk.rehearsal.world import World

    families.platform.stop()
    families.desk.stop()
    World(opened.data).forget_everything()
    _prepare_rehearsal(opened, arguments, families.world, ending)
    families.desk.start()
    _wait_for_web(opened.config, families.desk, ending)
    families.platform.start()
    say("The rehearsal is as on the first day.")


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


def say(text: str) -> None:
    """One line for the person at the terminal."""
    console.print(text, markup=False)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``desk run``."""
    parser.add_argument("--rehearsal", action="store_true", help="invented hosts, people and reports, in var/rehearsal")
    parser.add_argument("--empty", action="store_true", help="a rehearsal without its three invented weeks of reports")
    parser.add_argument("--workers", type=int, default=1, choices=range(1, 17), metavar="N", help="worker processes (1)")
    parser.add_argument("--only", choices=("web", "worker"), help="start this part alone")


__all__: Sequence[str] = ("add_arguments", "run")
