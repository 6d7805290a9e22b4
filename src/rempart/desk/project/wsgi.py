"""The web process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rempart.desk.project.settings")
application = get_wsgi_application()


def _refuse_wrong_database() -> None:
    from django.conf import settings
    from django.db import connection

    from rempart.desk.registers.installation import steps

    steps.must_match(is_rehearsal=settings.REMPART.is_rehearsal)
    connection.close()


# Whoever starts the web process, by our command or by hand: rehearsal never runs over real data.
_refuse_wrong_database()
