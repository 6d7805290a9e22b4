"""Django's name for this register."""

from django.apps import AppConfig


class JournalConfig(AppConfig):
    """The journal register."""

    name = "rempart.desk.registers.journal"
    default_auto_field = "django.db.models.BigAutoField"
