"""Settings of the tests: the product's own on a throw-away installation (see `tests.installation`)."""

import os

from tests import installation

# Started outside pytest, by `django-admin` say: nobody made the installation yet.
if installation.FOLDER not in os.environ:
    installation.opened.enter_context(installation.installation())

from rempart.desk.project.settings import *  # noqa: F403

ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
