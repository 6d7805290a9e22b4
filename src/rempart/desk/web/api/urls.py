"""The addresses of this door. A list is one address; nothing secret is ever in one."""

from django.urls import path

from rempart.desk.web.api.views import match, ncmec, ours, stopncii

app_name = "api"

NCMEC = "exchange/<str:list_name>/hashsharing/v2"
STOPNCII = "exchange/<str:list_name>/stopncii/v1"

urlpatterns = [
    path("api/v1/openapi.json", ours.description, name="description"),
    path("api/v1/minisign.pub", ours.signing_key, name="signing-key"),
    path("api/v1/lists/<str:list_name>/entries", ours.read, name="entries"),
    path("api/v1/lists/<str:list_name>/results", ours.results, name="results"),
    path("api/v1/match", match.match, name="match"),
    path(f"{NCMEC}/status", ncmec.status, name="ncmec-status"),
    path(f"{NCMEC}/members", ncmec.members, name="ncmec-members"),
    path(f"{NCMEC}/entries", ncmec.read, name="ncmec-entries"),
    path(f"{NCMEC}/feedback/<str:kind>/reasons", ncmec.reasons, name="ncmec-reasons"),
    path(f"{NCMEC}/entries/<str:member>/<str:name>/<str:kind>/feedback", ncmec.feedback, name="ncmec-feedback"),
    path(f"{STOPNCII}/FetchHashes", stopncii.fetch, name="stopncii-fetch"),
    path(f"{STOPNCII}/SubmitFeedback", stopncii.submit_feedback, name="stopncii-feedback"),
    path(f"{STOPNCII}/SubmitHashes", stopncii.submit_hashes, name="stopncii-hashes"),
]
