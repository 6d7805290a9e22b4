"""Django's name for this door."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """web/api."""

    name = "rempart.desk.web.api"
    label = "web_api"
