"""A platform's machine that runs the unmodified ``threatexchange``: its library in NCMEC's shape, its command in StopNCII's."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.project.commands import clean_environment

LIBRARY = """
import json, pickle, sys, pathlib
from types import SimpleNamespace
from threatexchange.exchanges.clients.ncmec import hash_api
from threatexchange.exchanges.impl.ncmec_api import NCMECCollabConfig, NCMECSignalExchangeAPI
from threatexchange.signal_type.pdq.signal import PdqSignal

url, user, secret, state_file, most_deltas = sys.argv[1:6]
state_path = pathlib.Path(state_file)
entries, checkpoint = pickle.loads(state_path.read_bytes()) if state_path.exists() else ({}, None)
calls = 0
def counted(self, *given, _get=hash_api.NCMECHashAPI._get, **also):
    global calls
    calls += 1
    return _get(self, *given, **also)
hash_api.NCMECHashAPI._get = counted
collab = NCMECCollabConfig(name="MINORS", environment=SimpleNamespace(value=url))
api = NCMECSignalExchangeAPI(collab, user, secret)
for number, delta in enumerate(api.fetch_iter([PdqSignal], checkpoint)):
    for key, update in delta.updates.items():
        merged = api.fetch_value_merge(entries.get(key), update)
        if merged is None:
            entries.pop(key, None)
        else:
            entries[key] = merged
    checkpoint = delta.checkpoint
    state_path.write_bytes(pickle.dumps((entries, checkpoint)))
    if number + 1 == int(most_deltas):
        break
signals = api.naive_convert_to_signal_type([PdqSignal], collab, entries).get(PdqSignal, {})
print(json.dumps({"calls": calls, "entries": sorted(entries), "pdqs": sorted(signals)}))
"""

VOTE = """
import sys
from types import SimpleNamespace
from threatexchange.exchanges.clients.ncmec.hash_api import FeedbackType, FingerprintType, NCMECHashAPI

url, user, secret, entry, guid = sys.argv[1:6]
api = NCMECHashAPI(user, secret, SimpleNamespace(value=url))
assert api.status().esp_name == "Piximi"
assert [member.esp_name for member in api.members()][0] == "Rempart"
kind = FeedbackType.downvote if guid else FeedbackType.upvote
api.submit_feedback(1, entry, FingerprintType.pdq, kind, guid or None)
"""

SAY = """
import sys
from threatexchange.exchanges.clients.stopncii.api import (
    StopNCIIAPI, StopNCIICSPFeedbackValue, StopNCIIEndpoint, StopNCIISignalType
)

url, user, secret, value, said = sys.argv[1:6]
keys = {StopNCIIEndpoint.SubmitFeedback: secret}
api = StopNCIIAPI(user, secret, additional_function_keys=keys, base_url_override=url)
api.submit_feedback(StopNCIISignalType.ImagePDQ, value, StopNCIICSPFeedbackValue(said))
"""

COMMAND = """
import sys
sys.argv[0] = "threatexchange"
from threatexchange.cli.main import main
sys.exit(main())
"""


@dataclass
class Machine:
    """``url``: of the running desk."""

    folder: Path
    url: str
    user: str
    secret: str
    time_zone: str = "UTC"

    @property
    def ncmec(self) -> str:
        return f"{self.url}/exchange/minors/hashsharing"

    @property
    def stopncii(self) -> str:
        return f"{self.url}/exchange/minors/stopncii/v1"

    def _runs(self, script: str, *words: str) -> str:
        environment = clean_environment(
            HOME=str(self.folder),
            TZ=self.time_zone,
            TX_STATEDIR=str(self.folder / "state"),
            TX_STOPNCII_KEYS=f"{self.secret},{self.user},{self.stopncii}",
        )
        command = [sys.executable, "-c", script, *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1_200)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def fetches(self, *, most_deltas: int = 0) -> Any:
        """Read as NCMEC's shape with the library; what the machine then holds. It remembers where it was."""
        state = str(self.folder / "ncmec.pickle")
        return json.loads(self._runs(LIBRARY, self.ncmec, self.user, self.secret, state, str(most_deltas)))

    def votes(self, entry: str, guid: str = "") -> None:
        """Say so with the library."""
        self._runs(VOTE, self.ncmec, self.user, self.secret, entry, guid)

    def says(self, value: str, said: str) -> None:
        """Say so in StopNCII's shape with the library."""
        self._runs(SAY, self.stopncii, self.user, self.secret, value, said)

    def types(self, *words: str) -> str:
        """Type ``threatexchange …``."""
        return self._runs(COMMAND, *words)

    def matches(self, pdq: str) -> str:
        asked = self.folder / "asked.txt"
        asked.write_text(pdq + "\n")
        return self.types("match", "--only-signal", "pdq", "--hashes", "photo", str(asked))

    def holds(self) -> set[str]:
        """What the command holds of the list."""
        said = self.types("dataset", "-c", "MINORS", "-P", "-S")
        return {line.split()[-1] for line in said.splitlines() if line.strip()}
