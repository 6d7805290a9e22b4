"""Django's name for this register."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """The directory register."""

    name = "rempart.desk.registers.directory"
    default_auto_field = "django.db.models.BigAutoField"
