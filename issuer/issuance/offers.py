"""From the officer's offer to the wallet's access token: steps 1 to 3 of docs/issuance.md."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from uuid import uuid4

from issuer.access import Principal
from issuer.audit.repository import AuditRepository
from issuer.authorization.identifiers import create_credential_identifiers, narrow
from issuer.authorization.models import Authorization
from issuer.authorization.senders import Sender
from issuer.authorization.tokens import IssuedTokens, TokenService
from issuer.issuance.claims import claims_of
from issuer.issuance.configurations import Configuration
from issuer.issuance.models import Offer, SetState
from issuer.issuance.repository import MAX_TX_CODE_ATTEMPTS, IssuanceRepository
from issuer.issuance.secrets import (
    code_of,
    create_reference,
    create_tx_code,
    hash_of,
    issuer_state_of,
    tx_code_mac,
)
from issuer.issuance.set_repository import CredentialSetRepository
from issuer.roster.models import Person
from issuer.roster.repository import PersonRepository
from issuer.status.entitlements import EntitlementRepository
from vc_core.clock import Clock
from vc_core.credential_types.definition import InvalidClaims
from vc_core.errors import InvalidRequest, NotFound, ProtocolError, TooLongForQrPass
from vc_core.formats.qr_pass import PassTooLong
from vc_core.protocols.oauth.token import (
    AUTHORIZATION_CODE_GRANT,
    PRE_AUTHORIZED_CODE_GRANT,
    PreAuthorizedCodeGrant,
    TokenRequest,
)
from vc_core.protocols.openid4vci.offer import AuthorizationCodeOffer, CredentialOffer, TxCode
from vc_core.web.database import Database

OFFER_LIFETIME = 30 * 60
"""Seconds that a patient at the office's counter has to scan an offer and type its code."""


@dataclass(frozen=True)
class OfferTerms:
    """What is offered, and how it may be taken.

    `claims` are, by the name of the credential type, those that the roster does not have. `grants` are names of the
    specification; `tx_code` says what goes with a pre-authorized code, None where nothing does. With
    `needs_approval` nothing is issued until an officer approves.
    """

    configuration_ids: Sequence[str]
    claims: Mapping[str, Mapping[str, Any]]
    grants: Sequence[str] = (PRE_AUTHORIZED_CODE_GRANT,)
    tx_code: TxCode | None = TxCode(length=6)
    needs_approval: bool = False


class OfferProgress(StrEnum):
    """How far a wallet is with an offer.

    `redeemed`: it has a token, or its answer was lost, and has asked for nothing yet. `to_approve`: what it asked for
    waits for an officer. `locked`: too many wrong transaction codes.
    """

    OPEN = "open"
    LOCKED = "locked"
    EXPIRED = "expired"
    REDEEMED = "redeemed"
    TO_APPROVE = "to_approve"
    ASKED_FOR = "asked_for"


@dataclass(frozen=True)
class NewOffer:
    """An offer as it is handed over: its address to the wallet, its transaction code (if it has one) to the patient."""

    reference: str
    offer: CredentialOffer
    tx_code: str | None
    person: Person
    expires_at: int


class OfferService:
    """Offers, and the tokens that they are redeemed for."""

    def __init__(
        self,
        database: Database,
        configurations: Mapping[str, Configuration],
        tokens: TokenService,
        public_url: str,
        clock: Clock,
        randomness: Callable[[int], bytes],
        *,
        grants: Sequence[str] = (PRE_AUTHORIZED_CODE_GRANT, AUTHORIZATION_CODE_GRANT),
    ) -> None:
        """`grants` are those by which this issuer offers, the usual one first."""
        self.grants = tuple(grants)
        self._database = database
        self._configurations = configurations
        self._tokens = tokens
        self._public_url = public_url
        self._clock = clock
        self._randomness = randomness

    async def create(self, person_id: str, terms: OfferTerms, by: Principal) -> NewOffer:
        """Step 1: an offer of these configurations to this person, who is entitled to them from here on.

        Raises `NotFound`, `InvalidRequest`.
        """
        ids = terms.configuration_ids
        if not set(terms.grants) <= set(self.grants):
            raise InvalidRequest("This issuer makes no offers by that grant.")
        if len(set(ids)) != len(ids):
            raise InvalidRequest("A credential configuration is named twice.")
        if not set(ids) <= self._configurations.keys():
            raise InvalidRequest("This issuer has no such credential configuration.")
        if not terms.claims.keys() <= {self._configurations[each].credential_type.name for each in ids}:
            raise InvalidRequest("Claims are given for a credential that is not offered.")
        reference, tx_code = create_reference(self._randomness), self._new_tx_code(terms)
        async with self._database.transaction() as session:
            people = PersonRepository(session)
            person = await people.load(person_id)
            if person is None:
                raise NotFound("There is no such person in the roster.")
            for each in ids:
                _check_claims(person, self._configurations[each], terms.claims)
            offer = self._offer_row(person_id, terms, reference, tx_code)
            types = {self._configurations[each].credential_type.name for each in ids}
            await people.lock(person_id)  # which a revocation holds while it ends the entitlement
            await EntitlementRepository(session).begin_anew(person_id, types)
            await IssuanceRepository(session).save_offer(offer)
            await AuditRepository(session).append(
                by.id, "offer", person_id, "done", now=offer.created_at, detail=" ".join(ids)
            )
        return NewOffer(reference, self._message(offer, reference), tx_code, person, offer.expires_at)

    async def offer(self, reference: str) -> CredentialOffer:
        """Step 2: the offer at this address, the same however often it is fetched. Raises `NotFound`."""
        async with self._database.transaction() as session:
            offer = await IssuanceRepository(session).load_offer(hash_of(reference), now=self._clock())
        if offer is None:
            raise NotFound("There is no such offer, or no longer.")
        return self._message(offer, reference)

    async def progress(self, reference: str) -> OfferProgress:
        """What became of an offer, for the office that made it. Raises `NotFound`."""
        async with self._database.transaction() as session:
            offer = await IssuanceRepository(session).load_made_offer(hash_of(reference))
            states = set() if offer is None else await CredentialSetRepository(session).load_states(offer.id)
        if offer is None:
            raise NotFound("There is no such offer.")
        if states:
            return OfferProgress.TO_APPROVE if SetState.PENDING in states else OfferProgress.ASKED_FOR
        if offer.redeemed_at is not None:
            return OfferProgress.REDEEMED
        if offer.expires_at <= self._clock():
            return OfferProgress.EXPIRED
        return OfferProgress.LOCKED if offer.tx_code_attempts >= MAX_TX_CODE_ATTEMPTS else OfferProgress.OPEN

    async def redeem(self, grant: PreAuthorizedCodeGrant, request: TokenRequest, sender: Sender) -> IssuedTokens:
        """Step 3: tokens for a code and its transaction code, once; bound to what the sender proved.

        Raises `ProtocolError`: `unsupported_grant_type` where this issuer takes none; `invalid_request` without a
        transaction code that the offer asks for, or with one that it does not; `invalid_grant` for a code that is
        unknown, expired, redeemed or guessed at too often, and for a wrong transaction code;
        `invalid_authorization_details` for what was not offered.
        """
        if PRE_AUTHORIZED_CODE_GRANT not in self.grants:
            raise ProtocolError("unsupported_grant_type", "This server takes no pre-authorized codes.")
        code_hash, now = hash_of(grant.pre_authorized_code), self._clock()
        async with self._database.transaction() as session:
            repository = IssuanceRepository(session)
            _check_tx_code_sent(await repository.load_offer_by_code(code_hash), grant)
            offer = await repository.begin_attempt(code_hash, now=now)
            # No error before the transaction's end: it would undo the count of this attempt.
            issued = None
            if offer is not None and _is_right(offer, grant):
                authorization = self._authorization(offer, request, sender, now)
                if await repository.redeem(offer.id, now=now):
                    issued = await self._tokens.issue(session, authorization, sender)
        if issued is None:
            raise ProtocolError("invalid_grant", "The code or its transaction code is wrong, expired or used up.")
        return issued

    def _new_tx_code(self, terms: OfferTerms) -> str | None:
        if terms.tx_code is None or PRE_AUTHORIZED_CODE_GRANT not in terms.grants:
            return None
        numeric = terms.tx_code.input_mode == "numeric"
        return create_tx_code(self._randomness, numeric=numeric, length=terms.tx_code.length or 6)

    def _offer_row(self, person_id: str, terms: OfferTerms, reference: str, tx_code: str | None) -> Offer:
        code, now = code_of(reference), self._clock()
        by_code, by_page = PRE_AUTHORIZED_CODE_GRANT in terms.grants, AUTHORIZATION_CODE_GRANT in terms.grants
        return Offer(
            id=uuid4().hex,
            reference_hash=hash_of(reference),
            code_hash=hash_of(code) if by_code else None,
            issuer_state_hash=hash_of(issuer_state_of(reference)) if by_page else None,
            tx_code=None if tx_code is None or terms.tx_code is None else asdict(terms.tx_code),
            tx_code_mac=None if tx_code is None else tx_code_mac(tx_code, code=code),
            person_id=person_id,
            configuration_ids=list(terms.configuration_ids),
            claims={name: dict(each) for name, each in terms.claims.items()} or None,
            created_at=now,
            expires_at=now + OFFER_LIFETIME,
            needs_approval=terms.needs_approval,
        )

    def _message(self, offer: Offer, reference: str) -> CredentialOffer:
        by_page = None if offer.issuer_state_hash is None else AuthorizationCodeOffer(issuer_state_of(reference))
        return CredentialOffer(
            self._public_url,
            tuple(offer.configuration_ids),
            None if offer.code_hash is None else code_of(reference),
            None if offer.tx_code is None else TxCode(**offer.tx_code),
            authorization_code=by_page,
        )

    def _authorization(self, offer: Offer, request: TokenRequest, sender: Sender, now: int) -> Authorization:
        """To fetch what was offered, or what the wallet asks for of it."""
        configuration_ids, identifiers = narrow(offer.configuration_ids, request.authorization_details), None
        if request.authorization_details is not None:
            identifiers = create_credential_identifiers(configuration_ids, self._randomness)
        authorization_id = uuid4().hex
        return Authorization(
            id=authorization_id,
            family_id=authorization_id,
            person_id=offer.person_id,
            configuration_ids=configuration_ids,
            credential_identifiers=identifiers,
            claims=offer.claims,
            client_id=sender.client_id,
            offer_id=offer.id,
            created_at=now,
        )


def _check_tx_code_sent(offer: Offer | None, grant: PreAuthorizedCodeGrant) -> None:
    """Raises `ProtocolError` `invalid_request` where a code is missing or was not asked for; that is no attempt."""
    if offer is not None and (offer.tx_code is None) != (grant.tx_code is None):
        wanted = "is missing; the offer asks for one" if offer.tx_code is not None else "was not asked for"
        raise ProtocolError("invalid_request", f"tx_code {wanted}.")


def _is_right(offer: Offer, grant: PreAuthorizedCodeGrant) -> bool:
    """Whether the transaction code is the offer's; letters may be typed small."""
    if offer.tx_code_mac is None:
        return True
    mac = tx_code_mac((grant.tx_code or "").upper(), code=grant.pre_authorized_code)
    return hmac.compare_digest(mac, offer.tx_code_mac)


def _check_claims(person: Person, configuration: Configuration, claims: Mapping[str, Mapping[str, Any]]) -> None:
    """Raises `InvalidRequest`, naming the claim, where there is not all that the credential says, or too much for a QR
    pass (`TooLongForQrPass`).
    """
    try:
        claims_of(person, configuration, claims.get(configuration.credential_type.name, {}))
    except InvalidClaims as cause:
        refusal = TooLongForQrPass if isinstance(cause, PassTooLong) else InvalidRequest
        raise refusal(f"{configuration.credential_type.name} can't be offered to this person: {cause}.") from cause
