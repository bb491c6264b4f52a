"""The backend's settings: `BACKEND_…` in the environment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_settings import SettingsConfigDict

from backend.devices.push_address import BROWSERS_HOSTS, PushHosts
from vc_core.errors import ProtocolError
from vc_core.protocols.addresses import check_identifier
from vc_core.web.registry import RegistrySettings
from vc_core.web.settings import token_problems


class WalletProviderSettings(BaseModel):
    """The key that attests wallets and their keys (P-256), by its DID URL, and where its private half is.

    `key` is as `vc_core.crypto.key_references` has it. `client_id` is what the attested wallets are called, None for
    the service's `public_url`. With `certificates`, a PEM file with the key's own first and the anchor left out,
    attestations name the key by `x5c` instead, in the name of `public_url`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    verification_method: str
    key: str
    client_id: str | None = Field(default=None, min_length=1, max_length=256)
    wallet_name: str = Field(default="Sabai", min_length=1, max_length=200)
    certificates: Path | None = None


class KnownIssuer(BaseModel):
    """An issuer that the pages offer to get cards from: its identifier (OpenID4VCI 1.0 section 12.2.1), its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    credential_issuer: str
    name: str = Field(min_length=1, max_length=100)


_Visible = Annotated[str, StringConstraints(pattern="^[!-~]{1,200}$")]


class FcmWebConfig(BaseModel):
    """A Firebase web app by Firebase's own names (`apiKey`, `appId` …), as its console gives it. All of it is public.

    What else the console gives is for Firebase's other products, and left out.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel)

    api_key: _Visible
    app_id: _Visible
    project_id: str = Field(pattern="^[a-z0-9-]{1,64}$")
    messaging_sender_id: str = Field(pattern="^[0-9]{1,32}$")


class BackendSettings(RegistrySettings):
    """What the backend runs with.

    `hospital_token` and `payer_token` are the bearer tokens of the hospitals' and the payer's systems.
    `firebase_service_account` is the path of the service account's JSON file; without it no push goes through FCM.
    `firebase_messaging_url` is the origin of a stand-in of FCM, for the embedded profile only; None asks Google.
    `fcm_web_config` (JSON) and `fcm_web_vapid_key`, the public key of its Web Push certificate in base64url, make pages
    of wallets register with FCM as that web app, of the service account's project; without them it is Web Push.
    `web_push_key` is the P-256 key by which browsers' push services know us (VAPID), as `vc_core.crypto.key_references`
    has it; without it no push goes to browsers. `web_push_contact` is an https or mailto address at which their staff
    reach ours, None for `public_url`. `web_push_hosts` are the hosts that these pushes may go to, separated by commas
    (`*.push.example`: all under that one, `*`: any public one), None for those of the browsers in use.
    `wallet_provider`: the key that attests wallets; without it none is attested.
    `issuers` are those whose cards the wallet's pages can be asked for without an offer, at the issuer's own page.
    `pkcs11_pin` is the PIN of a token whose URI names no file for it.
    `hospitals_file`: names of hospitals for the wallet, CSV with the columns `code`, `name` (Thai) and `name_en`.
    """

    model_config = SettingsConfigDict(env_prefix="BACKEND_", frozen=True, extra="ignore")

    hospital_token: SecretStr
    payer_token: SecretStr
    firebase_service_account: Path | None = None
    firebase_messaging_url: str | None = None
    fcm_web_config: FcmWebConfig | None = None
    fcm_web_vapid_key: str | None = Field(default=None, pattern="^B[A-P][A-Za-z0-9_-]{85}$")
    web_push_key: str | None = None
    web_push_contact: str | None = Field(default=None, pattern="^(https://|mailto:)[!-~]+$")
    web_push_hosts: str | None = Field(
        default=None, pattern=r"^(\*|%s(,%s)*)$" % ((r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*",) * 2)
    )
    wallet_provider: WalletProviderSettings | None = None
    issuers: tuple[KnownIssuer, ...] = ()
    pkcs11_pin: SecretStr | None = None
    hospitals_file: Path | None = None

    def push_hosts(self) -> PushHosts:
        """`web_push_hosts`, each by itself."""
        return BROWSERS_HOSTS if self.web_push_hosts is None else PushHosts(self.web_push_hosts.split(","))

    def problems(self) -> list[str]:
        """See `ServiceSettings.problems`."""
        found = super().problems()
        found += token_problems("hospital_token", self.hospital_token)
        found += token_problems("payer_token", self.payer_token)
        if (self.fcm_web_config is None) != (self.fcm_web_vapid_key is None):
            found.append("fcm_web_config and fcm_web_vapid_key go together: one is missing")
        if self.fcm_web_config is not None and self.firebase_service_account is None:
            found.append("fcm_web_config needs firebase_service_account: without it nothing is sent through FCM")
        if any(not self._may_issue(each.credential_issuer) for each in self.issuers):
            found.append("issuers must be https URLs without a query, as the issuers call themselves")
        if self.firebase_messaging_url is not None:
            if self.profile == "production":
                found.append("firebase_messaging_url must not be set in production: pushes go to Google")
            elif urlsplit(self.firebase_messaging_url).hostname not in ("127.0.0.1", "::1", "localhost"):
                found.append("firebase_messaging_url must be on this machine")
        return found

    def _may_issue(self, credential_issuer: str) -> bool:
        try:
            check_identifier(credential_issuer, code="invalid_request")
        except ProtocolError:
            return False
        return self.profile == "embedded" or credential_issuer.startswith("https:")
