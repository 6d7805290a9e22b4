"""Django's name for this register."""

from django.apps import AppConfig


class BankConfig(AppConfig):
    """The bank register."""

    name = "rempart.desk.registers.bank"
    default_auto_field = "django.db.models.BigAutoField"
