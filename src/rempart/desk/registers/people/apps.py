"""Django's name for this register."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The people register."""

    name = "rempart.desk.registers.people"
    default_auto_field = "django.db.models.BigAutoField"
