"""Telling platforms that a list changed: thin events, signed, sent from rows by a thread of the worker."""

from rempart.desk.outlets.webhooks.courier import work
from rempart.desk.outlets.webhooks.destination import check_url, point

__all__ = ["check_url", "point", "work"]
