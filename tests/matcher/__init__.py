"""The matcher: what a platform runs."""
