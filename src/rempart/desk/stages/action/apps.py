"""Django's name for this stage."""

from django.apps import AppConfig


class ActionConfig(AppConfig):
    """The action stage."""

    name = "rempart.desk.stages.action"
    default_auto_field = "django.db.models.BigAutoField"
