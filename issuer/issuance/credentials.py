"""From the access token to the credentials: steps 4 to 7 of docs/issuance.md.

What is issued is committed before it is signed. If the process dies in between, or the answer is lost, the wallet asks
again with the same token and keys and gets the same credentials anew; no entry of a status list is used twice, and none
that was given out is unknown to us.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.identifiers import requested_configuration_id
from issuer.authorization.models import Authorization
from issuer.authorization.requests import CODE_LIFETIME, PUSHED_LIFETIME, SESSION_LIFETIME
from issuer.issuance.configurations import BATCH_SIZE, Configuration
from issuer.issuance.models import CredentialNotification, CredentialSet, Nonce, SetState
from issuer.issuance.recording import RecordedSet, Recorder
from issuer.issuance.repository import IssuanceRepository
from issuer.issuance.secrets import create_secret, hash_of
from issuer.issuance.set_repository import CredentialSetRepository
from issuer.issuance.signing import create_order, sign_credential
from issuer.keys import IssuingKey, require_registered
from vc_core.clock import Clock
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.credential import (
    CredentialRequest,
    CredentialResponse,
    DeferredIssuance,
    IssuedCredentials,
    Proofs,
    ProofType,
)
from vc_core.protocols.openid4vci.notification import Notification
from vc_core.protocols.openid4vci.proofs import Expected, ProvenKeys, verify_proofs
from vc_core.trust import TrustSource
from vc_core.wallet_providers import provider_key_at
from vc_core.web.database import Database

NONCE_LIFETIME = 5 * 60
"""Seconds within which a `c_nonce` must be used."""
DEFERRED_INTERVAL = 60
"""Seconds that a wallet is to wait before it asks again for what an officer has to approve."""
DEFERRED_LIFETIME = 30 * 24 * 3600
"""Seconds after which nobody can approve or collect it any more."""


@dataclass(frozen=True)
class _Opened:
    """A set after a request for it; `recorded` None where an officer has yet to approve it."""

    credential_set: CredentialSet
    recorded: RecordedSet | None


class CredentialService:
    """Nonces, credentials, and what wallets tell of them."""

    def __init__(
        self,
        database: Database,
        keys: Mapping[str, IssuingKey],
        configurations: Mapping[str, Configuration],
        trust: TrustSource,
        providers: TrustSource,
        public_url: str,
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        """`trust` has our keys, `providers` the wallet providers whose word on keys counts."""
        self._database = database
        self._keys = keys
        self._configurations = configurations
        self._trust = trust
        self._providers = providers
        self._public_url = public_url
        self._clock = clock
        self._randomness = randomness
        self._recorder = Recorder(keys, clock, randomness)

    async def create_nonce(self) -> str:
        """Step 4: a fresh `c_nonce`."""
        nonce = create_secret(self._randomness)
        async with self._database.transaction() as session:
            row = Nonce(nonce_hash=hash_of(nonce), expires_at=self._clock() + NONCE_LIFETIME)
            await IssuanceRepository(session).save_nonce(row)
        return nonce

    async def forget_expired(self) -> None:
        """Forgets what nobody used in time: nonces, what was stated in offers, and what waited for an officer."""
        async with self._database.transaction() as session:
            repository, now = IssuanceRepository(session), self._clock()
            await repository.delete_expired_nonces(now=now)
            # Who was sent to the page while the offer held may still be there, and then redeem a code.
            await repository.forget_claims(expired_by=now - PUSHED_LIFETIME - SESSION_LIFETIME - CODE_LIFETIME)
            await CredentialSetRepository(session).expire(
                created_before=now - DEFERRED_LIFETIME, reason="expired", now=now
            )

    async def issue(self, authorization: Authorization, request: CredentialRequest) -> CredentialResponse:
        """Step 5: the credentials that are asked for, signed, one for each proven key; QR passes in base64url.

        Where an officer has yet to approve them, when to ask again. Raises `ProtocolError`: the codes of
        `requested_configuration_id`, `unknown_credential_configuration`, `invalid_proof`, `invalid_nonce`, and
        `credential_request_denied` where its last day is over, the roster no longer has what it says, an officer
        refused it, or it was for other keys before; and `SignerUnavailable`, also where the registry does not have our
        key or not for this type: the wallet may ask again.
        """
        configuration = self._requested(authorization, request)
        require_registered(self._keys[configuration.credential_type.name], self._trust, now=self._clock())
        proven = await self._verify(request.proofs, self._expected(authorization, configuration))
        opened = await self._database.transact(
            lambda session: self._open(session, authorization, configuration, proven)
        )
        if opened.recorded is None:
            return DeferredIssuance(opened.credential_set.id, DEFERRED_INTERVAL)
        response = await self._sign(opened.credential_set, opened.recorded)
        if opened.credential_set.state == SetState.APPROVED:
            await self._collected(opened.credential_set)
        return response

    async def collect(self, authorization: Authorization, transaction_id: str) -> CredentialResponse:
        """Step 6: what an officer had to approve, once; until then, when to ask again.

        Raises `ProtocolError`: `invalid_transaction_id` for one that is unknown, another's or used up,
        `credential_request_denied` where the officer refused, and otherwise as `issue`.
        """
        opened = await self._database.transact(lambda session: self._reopen(session, authorization, transaction_id))
        if opened.recorded is None:
            return DeferredIssuance(transaction_id, DEFERRED_INTERVAL)
        require_registered(
            self._keys[opened.recorded.configuration.credential_type.name], self._trust, now=self._clock()
        )
        response = await self._sign(opened.credential_set, opened.recorded)
        if not await self._collected(opened.credential_set):
            raise _invalid_transaction_id()
        return response

    async def notify(self, authorization: Authorization, notification: Notification) -> None:
        """Step 7: keeps what a wallet tells of a set that it was given; the same told again changes nothing.

        Raises `ProtocolError` `invalid_notification_id`.
        """
        await self._database.transact(lambda session: self._notify(session, authorization, notification))

    def _requested(self, authorization: Authorization, request: CredentialRequest) -> Configuration:
        asked = request.credential_configuration_id
        if asked is not None and asked not in self._configurations:
            raise ProtocolError("unknown_credential_configuration", "This issuer has no such configuration.")
        configuration_id = requested_configuration_id(
            authorization,
            credential_identifier=request.credential_identifier,
            credential_configuration_id=asked,
        )
        return self._configuration(configuration_id)

    def _configuration(self, configuration_id: str) -> Configuration:
        """Of what was offered or asked for in the past, some may not be issued any more."""
        configuration = self._configurations.get(configuration_id)
        if configuration is None:
            raise ProtocolError("credential_request_denied", "This issuer no longer issues that credential.")
        return configuration

    async def _verify(self, proofs: Proofs, expected: Expected) -> ProvenKeys:
        if proofs.proof_type is ProofType.DI_VP:  # twenty presentations take a while to read as JSON-LD
            return await asyncio.to_thread(verify_proofs, proofs, expected)
        return verify_proofs(proofs, expected)

    def _expected(self, authorization: Authorization, configuration: Configuration) -> Expected:
        now = self._clock()
        return Expected(
            audience=self._public_url,
            client_id=authorization.client_id,
            now=now,
            max_keys=BATCH_SIZE,
            provider_key=provider_key_at(self._providers, now=now),
            attested=frozenset(each for each, terms in configuration.proofs.items() if terms.key_attestation_required),
            taken=frozenset(configuration.proofs),
        )

    async def _open(
        self, session: AsyncSession, authorization: Authorization, configuration: Configuration, proven: ProvenKeys
    ) -> _Opened:
        if not await IssuanceRepository(session).use_nonce(hash_of(proven.nonce), now=self._clock()):
            raise ProtocolError("invalid_nonce", "The nonce is unknown, expired or used; fetch a new one.")
        opened = await self._recorder.open_set(session, authorization, configuration, proven.holders)
        if opened.state == SetState.PENDING:
            return _Opened(opened, None)
        stated = (authorization.claims or {}).get(configuration.credential_type.name, {})
        return _Opened(opened, await self._recorder.record(session, opened, configuration, opened.claims or stated))

    async def _reopen(self, session: AsyncSession, authorization: Authorization, transaction_id: str) -> _Opened:
        found = await CredentialSetRepository(session).load(transaction_id)
        if found is None or found.family_id != authorization.family_id or found.state == SetState.GRANTED:
            raise _invalid_transaction_id()
        if found.collected_at is not None or found.configuration_id not in authorization.configuration_ids:
            raise _invalid_transaction_id()
        if found.state == SetState.REFUSED:
            raise ProtocolError("credential_request_denied", "The issuing office refused this credential.")
        if found.state == SetState.PENDING:
            return _Opened(found, None)
        configuration = self._configuration(found.configuration_id)
        return _Opened(found, await self._recorder.record(session, found, configuration, found.claims or {}))

    async def _notify(self, session: AsyncSession, authorization: Authorization, notification: Notification) -> None:
        sets = CredentialSetRepository(session)
        found = await sets.load(notification.notification_id)
        if found is None or found.family_id != authorization.family_id:
            raise _invalid_notification_id()
        if found.state != SetState.GRANTED and found.collected_at is None:
            raise _invalid_notification_id()
        if await sets.load_notification(found.id, notification.event) is None:
            row = CredentialNotification(set_id=found.id, event=notification.event, received_at=self._clock())
            await sets.save(row)

    async def _collected(self, credential_set: CredentialSet) -> bool:
        """Uses up the transaction; False where it was used up before, be it a moment ago."""
        async with self._database.transaction() as session:
            return await CredentialSetRepository(session).collect(credential_set.id, now=self._clock())

    async def _sign(self, credential_set: CredentialSet, recorded: RecordedSet) -> IssuedCredentials:
        # In a thread, since a key that is not in a file is asked for over a wire.
        return IssuedCredentials(await asyncio.to_thread(self._sign_all, recorded), credential_set.id)

    def _sign_all(self, recorded: RecordedSet) -> tuple[str, ...]:
        key = self._keys[recorded.configuration.credential_type.name]
        orders = [
            create_order(
                recorded.configuration,
                recorded.claims,
                issued_at=issuance.issued_at,
                expires_at=issuance.expires_at,
                place=None if issuance.list_id is None else (issuance.list_id, issuance.status_index or 0),
                public_url=self._public_url,
                holder_key=holder.key,
                holder_did=holder.did,
            )
            for issuance, holder in recorded.credentials
        ]
        return tuple(sign_credential(order, key, randomness=self._randomness) for order in orders)


def _invalid_transaction_id() -> ProtocolError:
    return ProtocolError("invalid_transaction_id", "There is no such transaction, or it was used.")


def _invalid_notification_id() -> ProtocolError:
    return ProtocolError("invalid_notification_id", "There is no such notification_id for this access token.")
