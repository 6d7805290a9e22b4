"""Good manners: one host is not called again before some seconds have passed."""

from datetime import datetime, timedelta

EVERY = timedelta(seconds=2)


class Spacing:
    """When each host was last called, kept in memory only. One per worker process, used by its main thread."""

    def __init__(self, every: timedelta = EVERY) -> None:
        self.every = every
        self._free_at: dict[str, datetime] = {}

    def may_call(self, host: str, *, now: datetime) -> bool:
        """Whether this host may be called now; a yes counts as the call."""
        if self._free_at.get(host, now) > now:
            return False
        if self.every:
            self._free_at[host] = now + self.every
        return True

    def turns(self, hosts: list[str], *, now: datetime) -> list[datetime]:
        """For each of these calls, in order, when it may be made: ``now`` means at once (and counts as the call), later means
        that it must be put back until then."""
        self._free_at = {host: at for host, at in self._free_at.items() if at > now}
        waiting: dict[str, datetime] = {}
        given = []
        for host in hosts:
            if host not in waiting and self.may_call(host, now=now):
                given.append(now)
                waiting[host] = now + self.every
                continue
            turn = max(waiting.get(host, now), self._free_at.get(host, now))
            given.append(turn)
            waiting[host] = turn + self.every
        return given
