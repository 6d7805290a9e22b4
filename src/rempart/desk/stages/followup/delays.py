"""When a recipient is due a reminder, on its own clock and its own working days."""

from datetime import datetime, timedelta

from rempart.desk.registers.directory import queries as directory
from rempart.desk.registers.directory.models import Recipient
from rempart.desk.rules.notice import add_working_time


def working_time_after(start: datetime, delay: timedelta, recipient: Recipient) -> datetime:
    """``start`` plus ``delay``, counting only the days this recipient works."""
    return add_working_time(directory.local_time(recipient, start), delay, directory.working_days(recipient))
