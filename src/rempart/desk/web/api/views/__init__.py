"""One module per shape."""
