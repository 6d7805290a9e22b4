"""Django's name for this stage."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """The intake stage."""

    name = "rempart.desk.stages.intake"
    default_auto_field = "django.db.models.BigAutoField"
