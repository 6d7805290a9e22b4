"""The desk: what a hotline runs. A report goes in, content comes down, everyone is answered, everything is counted."""
