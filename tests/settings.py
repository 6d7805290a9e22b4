"""Settings of the tests: the product's own, with throw-away keys and a fast tempo left to each test."""

import os
import tempfile
from pathlib import Path

from rempart.desk.registers.installation.keys import KeysError, make_keys

# One folder per test process, removed by the operating system; keys are made afresh so that no test depends on a known key.
_folder = Path(os.environ.setdefault("REMPART_TEST_FOLDER", tempfile.mkdtemp(prefix="rempart-tests-")))
if not (_folder / "keys.json").exists():
    try:
        make_keys(_folder / "keys.json")
    except KeysError:
        # Another worker of pytest-xdist was faster by a hair.
        pass
os.environ.pop("REMPART_SETTINGS", None)
os.environ["REMPART_KEYS_FILE"] = str(_folder / "keys.json")
os.environ["REMPART_DATA_FOLDER"] = str(_folder)

from rempart.desk.project.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
