"""How lists are read."""
