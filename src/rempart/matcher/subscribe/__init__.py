"""How lists are read: one module for each shape, all alike."""
