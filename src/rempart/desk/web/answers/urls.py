"""The addresses of the answer page. The token in the path is the only key; nothing else is ever in an address."""

from django.urls import path

from rempart.desk.web.answers.views import answer

app_name = "answers"

urlpatterns = [
    path("<str:token>/", answer.answer, name="answer"),
    path("<str:token>/received/", answer.received, name="received"),
]
