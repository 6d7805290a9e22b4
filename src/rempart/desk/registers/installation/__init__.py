"""What this installation is: its settings, its keys, rehearsal or real."""
