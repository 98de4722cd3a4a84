"""The broker's users: their passwords, given to it as SCRAM credentials. It keeps salted hashes only."""

from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its stubs forget to export what it documents
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from infra.acls import USERS
from market.settings import Settings

_CALL_S = 15.0
_ITERATIONS = 8_192  # of the hash, for who steals the broker's disk


class UserSettings(Settings):
    """USERS_*: the password of each user, or USERS_…_FILE. `admin`: given when it is to be changed."""

    model_config = SettingsConfigDict(env_prefix="USERS_")

    ingestor: SecretStr
    spark: SecretStr
    api: SecretStr
    viewer: SecretStr
    admin: SecretStr | None = None

    def passwords(self) -> dict[str, SecretStr]:
        """By user; the administrator last, as this is said in its name."""
        return {name: given for name in (*USERS, "admin") if (given := getattr(self, name))}


def ensure(admin: AdminClient, settings: UserSettings) -> list[str]:
    """Let the users in with these passwords and no others; their names. `KafkaException` when the broker refuses.

    A hash cannot be compared with a password, so each is set every time; who is connected stays so.
    """
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
    changes: list[UserScramCredentialAlteration] = [
        UserScramCredentialUpsertion(name, info, password.get_secret_value().encode())
        for name, password in settings.passwords().items()
    ]
    for future in admin.alter_user_scram_credentials(changes, request_timeout=_CALL_S).values():
        future.result(_CALL_S)
    return list(settings.passwords())
