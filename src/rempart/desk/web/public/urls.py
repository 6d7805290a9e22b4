"""The addresses of the public door, under /fr/ and /en/."""

from django.urls import path

from rempart.desk.web.public.views import case, counts, home, image, report

app_name = "public"
urlpatterns = [
    path("", home.home, name="home"),
    path("report/", report.report, name="report"),
    path("case/", case.case, name="case"),
    path("help/", home.help_now, name="help"),
    path("image/", image.image, name="image"),
    path("image/saved/", image.saved, name="image-saved"),
    path("pictures/", home.pictures, name="pictures"),
    path("about/", home.about, name="about"),
    path("accessibility/", home.accessibility, name="accessibility"),
    path("lists/", counts.counts, name="lists"),
    path("lists/counts.json", counts.counts_json, name="lists-json"),
    path("leave/", home.leave, name="leave"),
]
