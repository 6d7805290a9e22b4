"""2. We look."""
