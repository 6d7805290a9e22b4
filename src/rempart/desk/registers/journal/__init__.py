"""Append-only: who did what to what, when, why."""
