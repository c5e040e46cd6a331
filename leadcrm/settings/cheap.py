"""The real password hash at its lowest cost, for tests that sign in often."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class CheapArgon2(Argon2PasswordHasher):
    """Argon2id with one pass over little memory."""

    time_cost = 1
    memory_cost = 64
    parallelism = 1
