"""What was found and decided: kept until the platform and the lists' owners were told, and not longer than that is useful."""
