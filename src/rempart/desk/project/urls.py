"""The doors and their addresses. They do not know each other."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from rempart.desk.web.public.views.home import choose_language

urlpatterns = [
    path("", choose_language),
    path("console/", include("rempart.desk.web.console.urls")),
    path("", include("rempart.desk.web.api.urls")),
    path("answer/", include("rempart.desk.web.answers.urls")),
    *i18n_patterns(path("", include("rempart.desk.web.public.urls")), prefix_default_language=True),
]

handler400 = "rempart.desk.web.public.views.errors.bad_request"
handler403 = "rempart.desk.web.public.views.errors.permission_denied"
handler404 = "rempart.desk.web.public.views.errors.not_found"
handler500 = "rempart.desk.web.public.views.errors.server_error"
