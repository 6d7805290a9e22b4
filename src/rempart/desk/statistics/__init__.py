"""Counts over the stages. Reads, never writes."""
