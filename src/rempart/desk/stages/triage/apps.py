"""Django's name for this stage."""

from django.apps import AppConfig


class TriageConfig(AppConfig):
    """The triage stage."""

    name = "rempart.desk.stages.triage"
    default_auto_field = "django.db.models.BigAutoField"
