"""A Dovecot that takes access tokens signed with a key of the test, as a provider's servers do."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from rigs.dovecot import Dovecot

if TYPE_CHECKING:
    from pathlib import Path

ISSUER: Final = "https://issuer.test"

_SETTINGS: Final = """introspection_mode = local
local_validation_key_dict = fs:posix:prefix={keys}/
username_attribute = email
issuers = {issuer}
scope = mail
"""
_PASSDB: Final = """passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {settings}
}}
"""


class SignedDovecot(Dovecot):
    """One running Dovecot that checks tokens by itself (RS256).

    Attributes:
        mechanisms: what it offers besides passwords; change it before `start`.
    """

    mechanisms = "xoauth2 oauthbearer"

    def __init__(self, place: Path, user: str = "buyer@example.org") -> None:
        super().__init__(place, user)
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def token(self, user: str | None = None, *, lifetime: int = 3600, issuer: str = ISSUER) -> str:
        """An access token; expired when `lifetime` is below zero."""
        now = int(time.time())
        claims = {
            "sub": "1", "email": user or self.user, "iss": issuer, "aud": "refunds", "scope": "mail",
            "iat": now - 3600, "nbf": now - 3600, "exp": now + lifetime,
        }  # fmt: skip
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "k1", "typ": "JWT"})

    def _write_config(self) -> None:
        super()._write_config()
        keys = self._home / "keys"
        public = keys / "default" / "RS256" / "k1"
        public.parent.mkdir(parents=True, exist_ok=True)
        public.write_bytes(
            self._key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )
        settings = self._home / "oauth2.conf.ext"
        settings.write_text(_SETTINGS.format(keys=keys, issuer=ISSUER))
        text = self._config.read_text()
        text = text.replace(
            "passdb {\n  driver = static\n",
            _PASSDB.format(settings=settings) + "passdb {\n  driver = static\n  mechanisms = plain login\n",
            1,
        ).replace("plain login xoauth2 oauthbearer", f"plain login {self.mechanisms}", 1)
        self._config.write_text(text)
