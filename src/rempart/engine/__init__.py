"""The engine: fingerprints of pictures and video, and exact search over them. No network, no framework, no clock."""
