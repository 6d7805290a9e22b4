"""1. It arrives."""
