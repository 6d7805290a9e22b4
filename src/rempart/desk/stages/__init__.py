"""The journey of a report: it arrives, we look, we act, did it work. Joined by rows, never by calls back."""
