"""The door for programs of platforms."""
