"""The lists that platforms read: what stands on them, who reads them, and how far each has read."""
