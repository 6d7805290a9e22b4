"""``rempart matcher settings``: an example to begin with, and whether a file is well."""

from __future__ import annotations

import argparse
import os
import sys

from rempart.matcher.command.opening import add_settings, settings_from

EXAMPLE = """\
# Settings of a matcher. Lines that begin with # show what is usual, or what may be.
# Times are written "30 s", "5 min", "2 h" or "1 d"; sizes "500 kB" or "100 MB".

# Where it keeps what it reads; relative to this file.
folder = "matcher-data"
# Answers count only: nothing is blocked or held.
#dry_run = false
# Also look for what re-uploaders do: mirror, border, crop, caption.
#variants = true
# How pictures become fingerprints: "full", "full_fast", or both.
#pipelines = ["full"]

[server]
#host = "127.0.0.1"
#port = 8100
# 0: one process for each core.
#workers = 0
#most_upload = "100 MB"
#time_out = "30 s"

# Who may ask. Without any, only this machine's own address may be listened on.
[[key]]
name = "uploads"
secret_env = "MATCHER_KEY"
#may_decide = true

# So many hits on one entry within this time hold it for review instead of blocking.
[flood]
#hits = 100
#within = "1 h"

# Who is told of each hit; signed as Standard Webhooks has it.
#[[webhook]]
#url = "https://platform.example/hits"
#secret_env = "MATCHER_WEBHOOK_SECRET"
#private = false

# A list. shape: "rempart", "ncmec", "stopncii" or "file".
[[list]]
name = "minors"
shape = "rempart"
url = "https://desk.example/api/v1/lists/minors"
user = "our-key"
password_env = "MATCHER_LIST_PASSWORD"
#interval = "1 min"
#stale_after = "1 h"
#radius = 31
#tells = true
# Only for "ncmec": entries of these members alone.
#members = []
# Only for "stopncii": where telling needs another key than reading.
#feedback_password_env = "MATCHER_FEEDBACK_PASSWORD"

# What is done about its matches, for each trust state: self_declared, held, confirmed, disputed, unstated.
# Without a rule, what the owner of the list advises. exact, near: "block", "review", "count" or "nothing".
#[list.policy.disputed]
#exact = "review"
#near = "count"
# Share of uploads that a rule is applied to.
#[list.policy.confirmed]
#ratio = 1.0

# A list in a file: one fingerprint a line.
#[[list]]
#name = "own"
#shape = "file"
#path = "own.txt"
"""


def run(asked: argparse.Namespace) -> int:
    """Print the example, or say what the file says."""
    if asked.example:
        sys.stdout.write(EXAMPLE)
        return 0
    found = settings_from(asked)
    workers = found.server.workers or os.cpu_count() or 1
    sys.stdout.write(f"The settings are well. The matcher keeps its data in {found.folder}.\n")
    sys.stdout.write(f"It answers on {found.server.host} port {found.server.port} with {workers} processes.\n")
    for one in found.lists:
        where = one.path if one.shape == "file" else one.url
        sys.stdout.write(f"List {one.name} ({one.shape}): {where}\n")
    sys.stdout.write(f"Keys: {', '.join(key.name for key in found.keys) or 'none'}. Webhooks: {len(found.webhooks)}.\n")
    if found.is_dry_run:
        sys.stdout.write("It only counts: dry_run.\n")
    return 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of ``settings``."""
    add_settings(parser)
    parser.add_argument("--example", action="store_true", help="print a file to begin with")
