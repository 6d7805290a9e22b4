"""Why a request was not served: a status, a stable word and a sentence. Nothing of the request is ever repeated in them."""


class Refusal(Exception):
    """Becomes an answer in the shape of the door that was asked."""

    def __init__(self, status: int, reason: str, sentence: str, *, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.status, self.reason, self.sentence, self.retry_after = status, reason, sentence, retry_after


def bad_request(sentence: str, reason: str = "bad_request") -> Refusal:
    """400."""
    return Refusal(400, reason, sentence)


def unknown_key() -> Refusal:
    """401: whoever asks is told nothing more, whether the key is wrong, revoked or missing."""
    return Refusal(401, "unknown_key", "This needs the key of a client of the lists; this one is missing, wrong or revoked.")


def not_its_list() -> Refusal:
    """403: also for a list that does not exist."""
    return Refusal(403, "list_not_open", "This client may not read this list.")


def too_many(seconds: int) -> Refusal:
    """429."""
    return Refusal(429, "too_many_calls", f"Too many calls; come back in {seconds} seconds.", retry_after=seconds)


def too_large(most: int) -> Refusal:
    """413."""
    return Refusal(413, "too_large", f"The body may be {most} bytes long.")


def bank_closed() -> Refusal:
    """503: the keyring is missing; the doctor of the installation says it too."""
    return Refusal(503, "closed", "The list cannot be read at the moment; nothing was changed. Come back later.", retry_after=600)
