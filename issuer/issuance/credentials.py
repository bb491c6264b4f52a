"""From the access token to the credential: steps 4 and 5 of docs/issuance.md.

The issuance is committed before its credential is signed. If the process dies in between, or the answer is lost, the
wallet asks again with the same token and key and gets the same credential anew; no entry of a status list is used
twice, and none that was given out is unknown to us.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlmodel.ext.asyncio.session import AsyncSession

from issuer.authorization.identifiers import requested_configuration_id
from issuer.authorization.models import Authorization
from issuer.issuance.claims import claims_of, expiry_of
from issuer.issuance.configurations import Configuration
from issuer.issuance.models import Issuance, Nonce
from issuer.issuance.repository import IssuanceRepository
from issuer.issuance.secrets import create_secret, hash_of
from issuer.issuance.signing import create_order, sign_credential
from issuer.keys import IssuingKey, require_registered
from issuer.roster.models import Person
from issuer.roster.repository import PersonRepository
from issuer.status.allocation import Allocation, allocate
from issuer.status.repository import StatusRepository
from vc_core.clock import Clock
from vc_core.credential_types.definition import InvalidClaims, StatusPolicy
from vc_core.crypto.keys import PublicKey
from vc_core.encoding import compact_json
from vc_core.errors import ProtocolError
from vc_core.protocols.openid4vci.credential import CredentialRequest, Proofs, ProofType
from vc_core.protocols.openid4vci.proof_jwt import VerifiedProof, verify_proof_jwt
from vc_core.trust import TrustSource
from vc_core.web.database import Database

NONCE_LIFETIME = 5 * 60
"""Seconds within which a `c_nonce` must be used."""


@dataclass(frozen=True)
class _Order:
    """A request that may be served: by which token, for what, to whose key."""

    authorization: Authorization
    configuration: Configuration
    proof: VerifiedProof


class CredentialService:
    """Nonces and credentials."""

    def __init__(
        self,
        database: Database,
        keys: Mapping[str, IssuingKey],
        configurations: Mapping[str, Configuration],
        trust: TrustSource,
        public_url: str,
        clock: Clock,
        randomness: Callable[[int], bytes],
    ) -> None:
        self._database = database
        self._keys = keys
        self._configurations = configurations
        self._trust = trust
        self._public_url = public_url
        self._clock = clock
        self._randomness = randomness

    async def create_nonce(self) -> str:
        """Step 4: a fresh `c_nonce`."""
        nonce = create_secret(self._randomness)
        async with self._database.transaction() as session:
            row = Nonce(nonce_hash=hash_of(nonce), expires_at=self._clock() + NONCE_LIFETIME)
            await IssuanceRepository(session).save_nonce(row)
        return nonce

    async def forget_expired(self) -> None:
        """Forgets the nonces that nobody used in time, and what officers stated in offers that are over."""
        async with self._database.transaction() as session:
            repository, now = IssuanceRepository(session), self._clock()
            await repository.delete_expired_nonces(now=now)
            await repository.forget_claims(now=now)

    async def issue(self, authorization: Authorization, request: CredentialRequest) -> str:
        """Step 5: the credential that is asked for, signed. A QR pass comes in base64url.

        Raises `ProtocolError`: `unknown_credential_configuration`, `insufficient_scope` for one that the token is not
        for, `invalid_proof`, `invalid_nonce`, and `credential_request_denied` where its last day is over, the roster
        no longer has what it says, or the credential went to another key before; and `SignerUnavailable`, also where
        the registry does not have our key or not for this type: the wallet may ask again.
        """
        if request.credential_configuration_id is None:
            raise ProtocolError("unknown_credential_identifier", "This issuer gives out no credential identifiers.")
        configuration = self._configurations.get(request.credential_configuration_id)
        if configuration is None:
            raise ProtocolError("unknown_credential_configuration", "This issuer has no such configuration.")
        requested_configuration_id(
            authorization, credential_identifier=None, credential_configuration_id=configuration.id
        )
        require_registered(self._keys[configuration.credential_type.name], self._trust, now=self._clock())
        proof = self._verify_proof(request.proofs)
        issuance, person = await self._record(_Order(authorization, configuration, proof))
        claims = _claims(authorization, configuration, person)
        # In a thread, since a key that is not in a file is asked for over a wire.
        return await asyncio.to_thread(self._sign, configuration, issuance, claims, proof.holder_key)

    def _verify_proof(self, proofs: Proofs) -> VerifiedProof:
        if proofs.proof_type is not ProofType.JWT or len(proofs.values) != 1:
            raise ProtocolError("invalid_proof", "proofs must hold one proof of the type jwt.")
        return verify_proof_jwt(str(proofs.values[0]), expected_audience=self._public_url, now=self._clock())

    async def _record(self, order: _Order) -> tuple[Issuance, Person]:
        """The committed row of this issuance, new or as it was, and its person. The nonce is used up with it."""
        return await self._database.transact(lambda session: self._find_or_add(session, order))

    async def _find_or_add(self, session: AsyncSession, order: _Order) -> tuple[Issuance, Person]:
        repository, now = IssuanceRepository(session), self._clock()
        if not await repository.use_nonce(hash_of(order.proof.nonce), now=now):
            raise ProtocolError("invalid_nonce", "The nonce is unknown, expired or used; fetch a new one.")
        person = await PersonRepository(session).load(order.authorization.person_id)
        if person is None:
            raise ProtocolError("credential_request_denied", "The person is no longer in the roster.")
        issuance = await repository.load_issuance(order.authorization.id, order.configuration.id)
        if issuance is None:
            issuance = await self._new_issuance(session, order, person, now)
            await repository.save_issuance(issuance)
        elif issuance.holder_thumbprint != order.proof.holder_key.thumbprint():
            raise ProtocolError("credential_request_denied", "The credential was issued to another key already.")
        else:  # the wallet keeps what it is given last, by whichever key we sign with now
            issuance.verification_method = self._keys[issuance.credential_type].verification_method
        return issuance, person

    async def _new_issuance(self, session: AsyncSession, order: _Order, person: Person, now: int) -> Issuance:
        credential_type = order.configuration.credential_type
        claims = _claims(order.authorization, order.configuration, person)
        expires_at = expiry_of(claims, credential_type, issued_at=now)
        key, holder_key = self._keys[credential_type.name], order.proof.holder_key
        allocation = await self._allocate(session, order.configuration)
        return Issuance(
            id=uuid4().hex,
            authorization_id=order.authorization.id,
            configuration_id=order.configuration.id,
            person_id=person.id,
            credential_type=credential_type.name,
            format=order.configuration.format,
            holder_thumbprint=holder_key.thumbprint(),
            holder_jwk=compact_json(holder_key.to_jwk()).decode("ascii"),
            verification_method=key.verification_method,
            list_id=allocation.list_id if allocation else None,
            status_index=allocation.index if allocation else None,
            issued_at=now,
            expires_at=expires_at,
        )

    async def _allocate(self, session: AsyncSession, configuration: Configuration) -> Allocation | None:
        """An entry of a status list, if credentials of the type have one."""
        credential_type = configuration.credential_type
        if credential_type.status_policy is StatusPolicy.NONE:
            return None
        issuer = self._keys[credential_type.name].issuer(configuration.format)
        return await allocate(StatusRepository(session), issuer, self._randomness)

    def _sign(
        self, configuration: Configuration, issuance: Issuance, claims: Mapping[str, Any], holder_key: PublicKey
    ) -> str:
        order = create_order(
            configuration,
            claims,
            issued_at=issuance.issued_at,
            expires_at=issuance.expires_at,
            place=None if issuance.list_id is None else (issuance.list_id, issuance.status_index or 0),
            public_url=self._public_url,
            holder_key=holder_key,
        )
        return sign_credential(order, self._keys[configuration.credential_type.name], randomness=self._randomness)


def _claims(authorization: Authorization, configuration: Configuration, person: Person) -> dict[str, Any]:
    """What the credential says. The offer was checked when it was made, but the roster may have changed since."""
    credential_type = configuration.credential_type
    try:
        return claims_of(person, credential_type, (authorization.claims or {}).get(credential_type.name, {}))
    except InvalidClaims as cause:
        raise ProtocolError("credential_request_denied", "The roster no longer has all that it would say.") from cause
