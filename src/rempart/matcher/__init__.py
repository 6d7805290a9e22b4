"""The matcher: what a platform runs. It reads lists, answers "is this upload on one?", and tells the lists' owners what it did.

It imports the engine and nothing of the desk: a platform needs no more.
"""
