"""One list on the disk: its entries in SQLite, its PDQs in an index of the engine. One process writes, many ask."""
