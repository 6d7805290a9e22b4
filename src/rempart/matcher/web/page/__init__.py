"""The page for people: where the lists stand, how quickly it answers, what was met. It only shows."""
