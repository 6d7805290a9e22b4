"""Why an account or a sign-in was refused. The reasons are stable words; the console turns them into sentences.

PeopleRefused
├── AccountRefused       name_missing, name_taken, display_name_missing, last_administrator, yourself
├── PasswordRefused      too weak; ``messages`` are Django's sentences in the language of the moment
├── SignInRefused        wrong
├── SlowDown             too many failures lately; ``wait`` says for how many seconds
└── SecondFactorRefused  wrong, not_enrolled
"""


class PeopleRefused(Exception):
    """Nothing changed. ``reasons`` are machine-readable."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


class AccountRefused(PeopleRefused):
    """The account cannot be made or changed so."""


class PasswordRefused(PeopleRefused):
    """The password is too easy to guess."""

    def __init__(self, messages: list[str]) -> None:
        super().__init__("password_too_weak")
        self.messages = messages


class SignInRefused(PeopleRefused):
    """Name or password is wrong. Which of the two is never said."""


class SlowDown(PeopleRefused):
    """Too many failures for this name lately. Never for long, and never for ever."""

    def __init__(self, wait: int) -> None:
        super().__init__("slow_down")
        self.wait = wait


class SecondFactorRefused(PeopleRefused):
    """The code is wrong, was used already, or no second factor is enrolled."""
