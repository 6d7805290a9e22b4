"""Lists on the disk."""
