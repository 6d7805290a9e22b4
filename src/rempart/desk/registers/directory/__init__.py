"""Who can be told: platforms, hosts, police units, partner hotlines, help services."""
