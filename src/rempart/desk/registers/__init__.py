"""The long-lived books every stage consults."""
