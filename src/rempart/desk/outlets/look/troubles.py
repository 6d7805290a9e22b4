"""Why a look did not end with a plain status: stable words, kept with the probe and never holding an address."""

from enum import StrEnum


class Trouble(StrEnum):
    """At most 20 signs each: it is a column."""

    NONE = ""
    # Refused by rule: nothing was called.
    SCHEME = "scheme"
    PORT = "port"
    PRIVATE_NAME = "private_name"
    PRIVATE_ADDRESS = "private_address"
    UNREADABLE = "unreadable"
    TOO_LONG = "too_long"
    # The name.
    NO_SUCH_NAME = "no_such_name"
    NO_ADDRESS = "no_address"
    NO_RESOLVER = "no_resolver"
    # The wire.
    TIMEOUT = "timeout"
    REFUSED = "refused"
    CONNECTION = "connection"
    TLS = "tls"
    CERTIFICATE = "certificate"
    # What came back.
    GARBAGE = "garbage"
    TOO_MUCH = "too_much"
    # Redirects.
    LOOP = "loop"
    REDIRECTS = "redirects"
    HOME_PAGE = "home_page"
    SIGN_IN_PAGE = "sign_in_page"
    SORRY_PAGE = "sorry_page"
