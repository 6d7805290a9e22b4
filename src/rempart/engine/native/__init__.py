"""The compiled half of the engine, and how it is found. Everything works without it, slower."""
