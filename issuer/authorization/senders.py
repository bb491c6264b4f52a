"""Who sent a request, as far as the request proves it: by a DPoP proof, and by a wallet attestation with its proof."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from issuer.authorization.repository import AuthorizationRepository
from issuer.authorization.server_nonces import Purpose, ServerNonces
from issuer.settings import Demand
from vc_core.clock import Clock
from vc_core.errors import ProtocolError
from vc_core.protocols.oauth.client_attestation import (
    POP_WINDOW_SECONDS,
    USE_ATTESTATION_CHALLENGE,
    VerifiedAttestationPop,
    VerifiedWalletAttestation,
    verify_attestation_pop,
    verify_wallet_attestation,
)
from vc_core.protocols.oauth.dpop import DPOP_WINDOW_SECONDS, USE_DPOP_NONCE, verify_dpop_proof
from vc_core.protocols.oauth.server_metadata import ClientProofs
from vc_core.trust import TrustSource
from vc_core.wallet_providers import provider_key_at
from vc_core.web.database import Database


@dataclass(frozen=True)
class SentProofs:
    """A request and its headers that prove who sent it, each as often as it came. `url` is without query."""

    method: str
    url: str
    dpop: tuple[str, ...] = ()
    attestation: tuple[str, ...] = ()
    attestation_pop: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sender:
    """What a request proved; None for what it did not.

    `dpop_jkt` is the thumbprint of its DPoP key, `instance_jkt` that of the wallet's attested key. `client_id` is what
    the attestation calls the wallet, and without one what the request does.
    """

    dpop_jkt: str | None = None
    client_id: str | None = None
    instance_jkt: str | None = None


@dataclass(frozen=True)
class _Attested:
    wallet: VerifiedWalletAttestation
    pop: VerifiedAttestationPop


class SenderService:
    """Checks the proofs that come with requests; each counts once."""

    def __init__(
        self,
        database: Database,
        trust: TrustSource,
        nonces: ServerNonces,
        public_url: str,
        clock: Clock,
        *,
        dpop: Demand,
        attestation: Demand,
    ) -> None:
        self._database = database
        self._trust = trust
        self._nonces = nonces
        self._public_url = public_url
        self._clock = clock
        self._dpop = dpop
        self._attestation = attestation

    @property
    def demands_dpop(self) -> bool:
        """Whether no token is given out or taken without DPoP."""
        return self._dpop is Demand.REQUIRED

    def metadata(self) -> ClientProofs:
        """What the authorization server's metadata says of proofs."""
        return ClientProofs(
            dpop=self._dpop is not Demand.OFF,
            challenge_endpoint=None if self._attestation is Demand.OFF else self._public_url + "/challenge",
            anonymous=self._attestation is not Demand.REQUIRED,
        )

    async def verify_client(self, sent: SentProofs, *, client_id: str | None, dpop_later: bool = False) -> Sender:
        """The sender of a request to the token or the PAR endpoint; `client_id` is the request's own parameter.

        With `dpop_later` no DPoP is demanded yet: a pushed request may name its key by `dpop_jkt` instead. All proofs
        are looked at before one counts as used, so that a client that lacked our nonce may send the rest of them again.
        Raises `ProtocolError`: `invalid_client`, `use_fresh_attestation`, `use_attestation_challenge`,
        `invalid_dpop_proof`, `use_dpop_nonce`.
        """
        attested = await self._check_attestation(sent)
        if attested is not None and client_id not in (None, attested.wallet.client_id):
            raise ProtocolError("invalid_client", "The wallet attestation is for another client.")
        jkt = None if dpop_later and not sent.dpop else await self.verify_dpop(sent)
        if attested is None:
            return Sender(jkt, client_id)
        instance_jkt = attested.wallet.instance_key.thumbprint()
        if not await self._use("attestation", instance_jkt, attested.pop.jti, POP_WINDOW_SECONDS):
            raise ProtocolError("invalid_client", "The proof of the wallet attestation was used before.")
        return Sender(jkt, attested.wallet.client_id, instance_jkt)

    async def verify_dpop(self, sent: SentProofs, *, access_token: str | None = None) -> str | None:
        """The thumbprint of the key that a DPoP proof shows, None where there is none and none is demanded.

        Raises `ProtocolError`: `invalid_dpop_proof`, `use_dpop_nonce`.
        """
        if self._dpop is Demand.OFF or (self._dpop is Demand.OPTIONAL and not sent.dpop):
            return None
        if len(sent.dpop) != 1:
            raise ProtocolError("invalid_dpop_proof", "Exactly one DPoP proof is needed.")
        proof = verify_dpop_proof(
            sent.dpop[0],
            expected_method=sent.method,
            expected_url=sent.url,
            now=self._clock(),
            access_token=access_token,
        )
        if proof.nonce is None or not await self._nonces.is_current(proof.nonce, Purpose.DPOP):
            nonce = await self._nonces.create(Purpose.DPOP)
            raise ProtocolError(USE_DPOP_NONCE, "The DPoP proof must contain our nonce.", nonce=nonce)
        if not await self._use("dpop", proof.jkt, proof.jti, DPOP_WINDOW_SECONDS):
            raise ProtocolError("invalid_dpop_proof", "The DPoP proof was used before.")
        return proof.jkt

    async def _check_attestation(self, sent: SentProofs) -> _Attested | None:
        """What the attestation and its proof say, which is not used up yet; None where none came."""
        came = (*sent.attestation, *sent.attestation_pop)
        if self._attestation is Demand.OFF or (self._attestation is Demand.OPTIONAL and not came):
            return None
        if len(sent.attestation) != 1 or len(sent.attestation_pop) != 1:
            raise ProtocolError("invalid_client", "Exactly one wallet attestation with one proof is needed.")
        now = self._clock()
        provider_key = provider_key_at(self._trust, now=now)
        wallet = verify_wallet_attestation(sent.attestation[0], provider_key=provider_key, now=now)
        pop = verify_attestation_pop(
            sent.attestation_pop[0], attestation=wallet, expected_audience=self._public_url, now=now
        )
        await self._check_challenge(pop)
        return _Attested(wallet, pop)

    async def _check_challenge(self, pop: VerifiedAttestationPop) -> None:
        """Whoever must attest must do so over our challenge; others may, and are held to it then."""
        if pop.challenge is None and self._attestation is Demand.OPTIONAL:
            return
        if pop.challenge is None or not await self._nonces.is_current(pop.challenge, Purpose.ATTESTATION):
            challenge = await self._nonces.create(Purpose.ATTESTATION)
            message = "The proof of the wallet attestation must contain our challenge."
            raise ProtocolError(USE_ATTESTATION_CHALLENGE, message, nonce=challenge)

    async def _use(self, kind: str, jkt: str, jti: str, window: int) -> bool:
        """Uses a proof up, in a transaction of its own: it is used even if what it came with fails."""
        digest = hashlib.sha256(f"{kind}:{jkt}:{jti}".encode()).hexdigest()
        async with self._database.transaction() as session:
            return await AuthorizationRepository(session).use_proof(digest, until=self._clock() + 2 * window)
