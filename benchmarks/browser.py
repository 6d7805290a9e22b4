"""How long a browser takes to fingerprint a photograph of 12 megapixels, and what of it is our own doing.

    python -m benchmarks.browser [--quick] [--json]

In Chromium, on one core. *Own* time is what our modules compute: whether the file is whole, luminance, the fingerprint of the
whole, the small plane and its views, SHA-256. Decoding the file and giving its pixels back is the browser's. The peer of SHA-256
is the browser's own, which needs the whole file in memory. The size is that of the modules that make fingerprints, as a server
sends them.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import io
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

from benchmarks.figures import Figure, parser, plain, run, say, shorter
from rempart.desk.web.public import hasher

CHROMIUM = os.environ.get("REMPART_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
WIDTH, HEIGHT = 4000, 3000
TRIES, QUICK_TRIES = 12, 4
MOST_OWN = 250  # ms
MOST_BYTES = 10_000
SHOWING = ("video", "lines", "frame", "start")  # what is seen; the rest makes fingerprints
MEASURE = """async ([data, tries]) => {
  const { READERS, opened, strips, picturePdqs } = await import("/picture.js");
  const { plane } = await import("/variants.js"), { decimator, pdq } = await import("/pdq.js");
  const { sha256 } = await import("/sha256.js"), { isWhole } = await import("/whole.js");
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0)), file = new Blob([bytes]);
  const timed = async (act) => { const began = performance.now(); await act(); return performance.now() - began; };
  const least = { own: Infinity, all: Infinity, exact: Infinity, theirs: Infinity };
  for (let at = 0; at < tries; at++) {
    const bitmap = await opened(file), small = plane(bitmap.width, bitmap.height), down = decimator(bitmap.width, bitmap.height);
    const luma = new Float32Array(1 << 21);
    let own = 0;
    await strips(bitmap, READERS[0], (pixels, count) => {
      const began = performance.now();
      small.add(pixels, luma, count);
      down.rows(luma, 0, bitmap.width, count);
      own += performance.now() - began;
    });
    own += await timed(() => pdq(down.small()));
    own += await timed(() => isWhole(bytes));
    const whole = await timed(async () => picturePdqs(await opened(file), READERS[0]));
    const plain = new OffscreenCanvas(768, 576), drawn = plain.getContext("2d");
    drawn.drawImage(bitmap, 0, 0, 768, 576);
    const little = plain.transferToImageBitmap();
    own += await timed(() => picturePdqs(little, READERS[0]));  // more than the views: a whole of their size besides
    const exact = await timed(() => { const hash = sha256(); hash.add(bytes); hash.digest(); });
    const theirs = await timed(() => crypto.subtle.digest("SHA-256", bytes));
    bitmap.close();
    const found = { own: own + exact, all: whole + exact, exact, theirs };
    for (const name of Object.keys(least)) least[name] = Math.min(least[name], found[name]);
  }
  return least;
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Our modules, and an empty page to ask for them from."""

    def do_GET(self) -> None:
        if self.path != "/":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Measure</title>")
        return None

    def log_message(self, *_: object) -> None:
        """Nothing: it is in the way of figures."""


def measure(asked: argparse.Namespace) -> Iterator[Figure]:
    """The size of what is sent; then one photograph-like picture, several times, the least of each time."""
    text = "".join(hasher.module(name) for name in hasher.MODULES if name not in SHOWING)
    yield plain("browser_module", len(gzip.compress(text.encode())), "bytes", at_most=MOST_BYTES)
    yield plain("browser_frame_script", len(gzip.compress(hasher.script().encode())), "bytes")
    if not CHROMIUM:
        say("Chromium is not installed: nothing is timed")
        return
    say(f"drawing a picture of {WIDTH} × {HEIGHT}")
    file = photograph()
    with modules() as address, sync_playwright() as playwright:
        flags = ["--headless", "--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page()
        page.goto(address)
        tries = QUICK_TRIES if asked.quick else TRIES
        found = page.evaluate(MEASURE, [base64.b64encode(file).decode(), tries])
        browser.close()
    yield plain("browser_12_mp_own", found["own"], "ms", at_most=MOST_OWN)
    yield plain("browser_12_mp_all", found["all"], "ms")
    megabytes = len(file) / 1e6
    yield shorter(
        "browser_sha256", found["exact"] / megabytes, "ms/MB", peer="crypto.subtle", peer_value=found["theirs"] / megabytes
    )


@contextmanager
def modules() -> Iterator[str]:
    """The folder of modules, served to this machine alone."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(hasher.FOLDER)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def photograph() -> bytes:
    """A JPEG of soft shapes under a fine grain: some two megabytes."""
    chance = np.random.default_rng(0)
    shapes = Image.fromarray(chance.integers(0, 256, (60, 80, 3), np.uint8)).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    grain = chance.integers(-6, 7, (HEIGHT, WIDTH, 1), np.int16)
    written = io.BytesIO()
    Image.fromarray(np.clip(np.asarray(shapes, np.int16) + grain, 0, 255).astype(np.uint8)).save(written, "JPEG", quality=85)
    return written.getvalue()


if __name__ == "__main__":
    sys.exit(run("browser", measure, sys.argv[1:], parser("browser")))
