"""A platform's machine: the real ``threatexchange`` command, its own folder, its own time zone, and nothing of the desk."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.exchange.double import SECRET, USER
from tests.project.commands import clean_environment

START = """
import sys
for name in ("django", "nacl", "argon2"):
    sys.modules[name] = None
sys.argv[0] = "threatexchange"
from threatexchange.cli.main import main
sys.exit(main())
"""


@dataclass
class Platform:
    """``user`` and ``secret`` of its client of the list."""

    folder: Path
    time_zone: str = "UTC"
    user: str = USER
    secret: str = SECRET
    verbosity: str = "0"

    def types(self, *words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Type ``threatexchange …`` here."""
        environment = clean_environment(
            HOME=str(self.folder), TX_STATEDIR=str(self.folder / "state"), TX_VERBOSE=self.verbosity, TZ=self.time_zone
        )
        if self.user:
            environment["TX_REMPART_CREDENTIALS"] = f"{self.user}:{self.secret}"
        return subprocess.run(
            [sys.executable, "-c", START, *words], env=environment, input=text, capture_output=True, text=True, timeout=120
        )

    def does(self, *words: str) -> str:
        """Type it, and it must succeed."""
        done = self.types(*words)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def connects(self, url: str, name: str = "MINORS", *options: str) -> None:
        """Add the extension and one list."""
        self.does("config", "extensions", "add", "rempart.exchange")
        self.does("config", "collab", "edit", "rempart", "--create", "--base-url", url, *options, name)

    def holds(self, name: str = "MINORS") -> set[str]:
        """The fingerprints of a list that this machine has."""
        said = self.does("dataset", "-c", name, "-P", "-S")
        return {line.split()[-1] for line in said.splitlines() if line.strip()}

    def matches(self, signal: str, kind: str = "pdq", content: str = "photo") -> str:
        """What the machine says of this fingerprint of an upload."""
        asked = self.folder / "asked.txt"
        asked.write_text(signal + "\n")
        return self.does("match", "--only-signal", kind, "--hashes", content, str(asked))
