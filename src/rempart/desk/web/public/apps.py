"""Django's name for this door."""

from django.apps import AppConfig


class PublicConfig(AppConfig):
    """web/public."""

    name = "rempart.desk.web.public"
    label = "web_public"
