"""Accounts of the staff. Passwords by argon2id; the second factor is sealed like everything the database must not read."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import BaseUserManager
from django.db import models

from rempart.desk.rules.access import Permission, Role, may


class PersonManager(BaseUserManager["Person"]):
    """Look-up by sign-in name; accounts are made by ``people.steps``, never here."""

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(sign_in_name=(username or "").strip().lower())


class Person(AbstractBaseUser):
    """One member of the staff."""

    sign_in_name = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=80)
    role = models.CharField(max_length=20, choices=[(role.value, role.value) for role in Role])
    language = models.CharField(max_length=2, default="fr")
    is_active = models.BooleanField(default=True)
    # Single-key shortcuts of the console; they can be switched off (WCAG 2.1.4).
    has_shortcuts = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    sealed_totp_secret = models.BinaryField(null=True)
    totp_confirmed_at = models.DateTimeField(null=True)
    # The last 30-second step accepted, so that a code seen over a shoulder cannot be used again.
    totp_last_step = models.BigIntegerField(default=0)

    USERNAME_FIELD = "sign_in_name"
    objects = PersonManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(role__in=[role.value for role in Role]), name="person_has_a_known_role")
        ]

    def __str__(self) -> str:
        return self.display_name

    def may(self, permission: Permission) -> bool:
        """Whether this person's role has the permission."""
        return self.is_active and may(Role(self.role), permission)


class RecoveryCode(models.Model):
    """A one-time code for the day the telephone is lost. Only its digest is kept."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="recovery_codes")
    digest = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)


class SignInAttempt(models.Model):
    """Failed sign-ins per name, to slow guessing. Holds no network address."""

    sign_in_digest = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["sign_in_digest", "at"], name="attempts_of_name")]
