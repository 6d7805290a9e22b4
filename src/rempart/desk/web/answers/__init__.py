"""The recipients' door: a link in a notice, an answer without an account."""
