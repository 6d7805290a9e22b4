"""How staff passwords are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """Argon2id, 64 MiB, three passes (RFC 9106 second recommended option, one lane)."""

    time_cost = 3
    memory_cost = 65_536
    parallelism = 1
