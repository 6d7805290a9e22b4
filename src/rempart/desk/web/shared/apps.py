"""Django's name for this door."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    """web/shared."""

    name = "rempart.desk.web.shared"
    label = "web_shared"
