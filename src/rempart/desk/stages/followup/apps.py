"""Django's name for this stage."""

from django.apps import AppConfig


class FollowupConfig(AppConfig):
    """The followup stage."""

    name = "rempart.desk.stages.followup"
    default_auto_field = "django.db.models.BigAutoField"
