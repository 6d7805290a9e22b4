"""The bank: what people protect, how far each protection is trusted, and the search over all of it."""
