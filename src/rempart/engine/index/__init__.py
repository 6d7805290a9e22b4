"""Exact search: every fingerprint within a distance, and no other."""
