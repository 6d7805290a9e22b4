"""Template tags of every door."""
