"""Django's name for this register."""

from django.apps import AppConfig


class ListsConfig(AppConfig):
    """The lists register."""

    name = "rempart.desk.registers.lists"
    default_auto_field = "django.db.models.BigAutoField"
