"""The process of the invented world: hosts and tour over HTTP, catcher over SMTP; on this machine only."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from rempart.desk.rehearsal import catcher

LOOPBACK = "127.0.0.1"


class QuietHandler(WSGIRequestHandler):
    """Writes no line for each request, and tells little about itself."""

    timeout = 20
    server_version, sys_version = "Rehearsal", ""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def address_string(self) -> str:
        """Never asks a name server."""
        return str(self.client_address[0])


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """One thread for each request: a browser opens several lines at once."""

    daemon_threads = True
    request_queue_size = 64

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """One request. What it opened of the desk's database is closed: the rehearsal may begin again at any moment."""
        from django.db import connections

        try:
            super().process_request_thread(request, client_address)
        finally:
            connections.close_all()

    def server_bind(self) -> None:
        """Bind without looking the machine's name up, which may take seconds."""
        self.allow_reuse_address = True
        super(WSGIServer, self).server_bind()
        self.server_name, self.server_port = LOOPBACK, self.server_address[1]
        self.setup_environ()


def serve(application: Callable[..., Any], port: int) -> ThreadingServer:
    """A server on this machine only, not started yet."""
    return make_server(LOOPBACK, port, application, server_class=ThreadingServer, handler_class=QuietHandler)


def build(data: Any, config: Any) -> Callable[..., Any]:
    """The whole invented web: the name in the address says which site."""
    from rempart.desk.rehearsal.photos import Photos
    from rempart.desk.rehearsal.platform_matcher import PlatformMatcher
    from rempart.desk.rehearsal.sites import Sites
    from rempart.desk.rehearsal.tour import Tour
    from rempart.desk.rehearsal.web import Answer, Request, as_wsgi
    from rempart.desk.rehearsal.world import World

    world = World(data)
    tour_address = f"http://127.0.0.1:{config.rehearsal_port}"
    photos = Photos(world, PlatformMatcher(config.rehearsal_matcher_port), config.public_url, tour_address)
    sites, tour = Sites(world, config.rehearsal_port, config.public_url, photos), Tour(world, config)

    def site(request: Request) -> Answer:
        return sites(request) if request.name else tour(request)

    return as_wsgi(site)


def main() -> int:
    """Serve until SIGTERM."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rempart.desk.project.settings")
    import django
    from django.conf import settings

    django.setup()
    if not settings.REMPART.is_rehearsal:
        sys.stderr.write("The invented world only opens in rehearsal mode.\n")
        return 1
    from rempart.desk.rehearsal.world import World

    server = serve(build(settings.REMPART_DATA, settings.REMPART), settings.REMPART.rehearsal_port)
    mail = catcher.start(World(settings.REMPART_DATA), settings.REMPART.smtp_port)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.2}, daemon=True).start()
    stop.wait()
    mail.stop()
    server.shutdown()
    return 0


if __name__ == "__main__":
    sys.exit(main())
