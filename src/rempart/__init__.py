"""Rempart: open software for hotlines against the sexual exploitation of children online."""
