"""Django's name for this door."""

from django.apps import AppConfig


class AnswersConfig(AppConfig):
    """web/answers."""

    name = "rempart.desk.web.answers"
    label = "web_answers"
