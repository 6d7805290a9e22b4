"""The shapes in which a list is published."""
