"""The staff: accounts, roles, second factor."""
