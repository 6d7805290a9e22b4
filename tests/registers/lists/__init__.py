"""The lists that platforms read."""
