"""Every speed we claim, measured again: ``python -m benchmarks``."""
