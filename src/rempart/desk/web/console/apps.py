"""Django's name for this door."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """web/console."""

    name = "rempart.desk.web.console"
    label = "web_console"
