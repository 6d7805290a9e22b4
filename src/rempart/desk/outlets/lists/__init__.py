"""The shapes in which a list is published. Each module writes and reads one, and does nothing else: values in, bytes out."""
