"""Django's name for this outlet."""

from django.apps import AppConfig


class EmailConfig(AppConfig):
    """outlets/email."""

    name = "rempart.desk.outlets.email"
    label = "outlet_email"
