"""A real Firefox for the tests, driven by its own remote protocol (Marionette): JSON over a socket, nothing to install.

Source: Firefox source tree, remote/marionette and docs "Marionette/Protocol". Only what these tests need.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.ports import free_port

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
STARTS_WITHIN = 60  # seconds
QUIET = {
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.legacyUserProfileCustomizations.stylesheets": True,
    "toolkit.telemetry.enabled": False,
}
NARROW = ":root, :root * { min-width: 0 !important }\n#navigator-toolbox { display: none !important }\n"
"""A window may be as small as a telephone, all of it for the page."""
TAB, ENTER, SPACE, DOWN = "\ue004", "\ue007", " ", "\ue015"
"""Keys, as the protocol names them."""
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Refused(Exception):
    """Firefox answered with an error."""


class Firefox:
    """One window. Scripts are bodies of functions; ``call`` waits for their promise."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = b""
        self._number = 0
        self._read()
        self._send("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": True}}})
        self._send("WebDriver:SetTimeouts", {"script": 120_000, "pageLoad": 60_000})

    def go(self, address: str) -> None:
        self._send("WebDriver:Navigate", {"url": address})

    def new_tab(self) -> None:
        made = self._send("WebDriver:NewWindow", {"type": "tab", "focus": True})
        self._send("WebDriver:SwitchToWindow", {"handle": made["handle"], "focus": True})

    def close_other_tabs(self) -> None:
        """All but the first, which is then the current one."""
        first, *others = self._send("WebDriver:GetWindowHandles", {})
        for handle in others:
            self._send("WebDriver:SwitchToWindow", {"handle": handle})
            self._send("WebDriver:CloseWindow", {})
        self._send("WebDriver:SwitchToWindow", {"handle": first})

    def run(self, script: str, *values: object) -> Any:
        """The value of this script, run in the page's own world; a promise is waited for."""
        return self._send("WebDriver:ExecuteScript", {"script": script, "args": list(values), "sandbox": None})["value"]

    def find(self, selector: str) -> str:
        found = self._send("WebDriver:FindElement", {"using": "css selector", "value": selector})["value"]
        return str(found[ELEMENT])

    def click(self, selector: str) -> None:
        self._send("WebDriver:ElementClick", {"id": self.find(selector)})

    def text(self, selector: str) -> str:
        return str(self._send("WebDriver:GetElementText", {"id": self.find(selector)})["value"])

    def choose(self, selector: str, paths: Sequence[Path]) -> None:
        """Give these files to a file field."""
        self._send("WebDriver:ElementSendKeys", {"id": self.find(selector), "text": "\n".join(str(path) for path in paths)})

    def key(self, sign: str) -> None:
        """Press and release one key, wherever the focus is."""
        moves = [{"type": kind, "value": sign} for kind in ("keyDown", "keyUp")]
        self._send("WebDriver:PerformActions", {"actions": [{"type": "key", "id": "keys", "actions": moves}]})

    def resize(self, width: int, height: int) -> None:
        self._send("WebDriver:SetWindowRect", {"width": width, "height": height})

    def enter(self, selector: str | None) -> None:
        """Into the frame of this selector, or back to the page."""
        if selector is None:
            self._send("WebDriver:SwitchToFrame", {"id": None})
        else:
            self._send("WebDriver:SwitchToFrame", {"element": self.find(selector)})

    def wait(self, script: str, seconds: float = 30) -> None:
        """Until this expression is true."""
        until = time.monotonic() + seconds
        while not self.run(f"return Boolean({script})"):
            assert time.monotonic() < until, f"never true: {script}"
            time.sleep(0.05)

    def _send(self, command: str, values: Mapping[str, object]) -> Any:
        self._number += 1
        message = json.dumps([0, self._number, command, values]).encode()
        self._connection.sendall(b"%d:%s" % (len(message), message))
        _, number, error, answer = self._read()
        assert number == self._number
        if error:
            raise Refused(f"{error['error']}: {error['message']}")
        return answer

    def _read(self) -> Any:
        while b":" not in self._buffer:
            self._more()
        length, _, self._buffer = self._buffer.partition(b":")
        while len(self._buffer) < int(length):
            self._more()
        message, self._buffer = self._buffer[: int(length)], self._buffer[int(length) :]
        return json.loads(message)

    def _more(self) -> None:
        received = self._connection.recv(1 << 16)
        if not received:
            raise Refused("Firefox is gone")
        self._buffer += received


@contextmanager
def firefox(preferences: Mapping[str, object] | None = None, arguments: Sequence[str] = ()) -> Iterator[Firefox]:
    """A Firefox with a profile of its own, forgotten at the end."""
    assert FIREFOX
    port = free_port()
    with tempfile.TemporaryDirectory() as profile:
        wanted = QUIET | {"marionette.port": port} | dict(preferences or {})
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in wanted.items()]
        Path(profile, "user.js").write_text("".join(lines), encoding="utf-8")
        Path(profile, "chrome").mkdir()
        Path(profile, "chrome", "userChrome.css").write_text(NARROW, encoding="utf-8")
        command = [FIREFOX, "--headless", "--marionette", "--no-remote", "--profile", profile, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with _connected(port) as connection:
                yield Firefox(connection)
        finally:
            process.terminate()
            process.wait(30)


def _connected(port: int) -> socket.socket:
    until = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            connection = socket.create_connection(("127.0.0.1", port), timeout=1)
        except OSError:
            assert time.monotonic() < until, "Firefox does not start"
            time.sleep(0.1)
            continue
        connection.settimeout(180)
        return connection
