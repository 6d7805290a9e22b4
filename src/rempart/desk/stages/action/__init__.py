"""3. We act."""
