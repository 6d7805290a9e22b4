"""What a matcher writes in its log: kinds of trouble and where in our code, never what was asked, sent or listed."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime

FINGERPRINT = re.compile(r"\b(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})\b")


class Discreet(logging.Filter):
    """Keeps of an exception its type and our own lines; takes out whatever looks like a fingerprint, should one slip in."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record through."""
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            places = []
            while trace is not None:
                places.append(f"{trace.tb_frame.f_code.co_filename.rpartition('rempart')[2]}:{trace.tb_lineno}")
                trace = trace.tb_next
            text = f"{text} [{kind.__name__} at {' < '.join(reversed(places[-6:]))}]"
            record.exc_info, record.exc_text = None, None
        record.msg, record.args = FINGERPRINT.sub("(hidden)", text), ()
        return True


class JsonLines(logging.Formatter):
    """One object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """``at``, ``level``, ``part``, ``process`` and ``message``."""
        return json.dumps(
            {
                "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
                "level": record.levelname.lower(),
                "part": record.name.removeprefix("rempart.matcher."),
                "process": record.process,
                "message": record.getMessage(),
            },
            ensure_ascii=False,
        )


def start_logs(*, is_json: bool) -> None:
    """On standard error, for this process and those it starts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Discreet())
    handler.setFormatter(JsonLines() if is_json else logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    for noisy in ("urllib3", "asyncio", "PIL"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
