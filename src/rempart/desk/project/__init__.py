"""How the parts become one Django project: settings, addresses per door, the command."""
