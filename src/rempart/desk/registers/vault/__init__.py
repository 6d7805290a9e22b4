"""Seals what the database must not be able to read, and opens it for those who hold the key."""
