"""How much the public door takes: reports, messages, protections, and guesses at case codes."""

from django.conf import settings

from rempart.desk.web.shared.limits import HourlyLimit

REPORTS = HourlyLimit(settings.REMPART.reports_per_hour, settings.REMPART.reports_per_hour_each)
MESSAGES = HourlyLimit(settings.REMPART.reports_per_hour, settings.REMPART.reports_per_hour_each)
PROTECTIONS = HourlyLimit(settings.REMPART.protections_per_hour, settings.REMPART.protections_per_hour_each)
# A code holds 80 bits: guessing is hopeless long before this limit. It only keeps the noise down.
WRONG_CODES = HourlyLimit(everybody=3_000, each=30)
