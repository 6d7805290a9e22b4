"""Django's name for this register."""

from django.apps import AppConfig


class InstallationConfig(AppConfig):
    """The installation register."""

    name = "rempart.desk.registers.installation"
    default_auto_field = "django.db.models.BigAutoField"
