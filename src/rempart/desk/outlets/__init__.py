"""Ways out. One folder per recipient's language, all alike; none knows more than how to speak it."""
