"""Taking a credential from an issuer: OpenID4VCI 1.0, in steps with consent in between.

    read_offer ──▶ (consent) ──▶ fetch_offer ──▶ describe_offer ──▶ (consent, tx_code) ──▶ accept_offer ──▶ Issuance
    describe_issuer ──▶ (consent) ──▶ accept_offer ──▶ (browser) ──▶ finish_authorization ──▶ Issuance
    resume_issuance ──▶ Issuance      top_up ──▶ Issuance

`offers` is what comes before the holder's yes and leaves no trace in the wallet. `acceptance` is what follows from it,
`run` how: one saved state at a time. `states` are the values, `events` what happens, `transitions` the table between
them; `exchange` are the messages. A credential goes into the wallet only once its issuer, its accreditation, its
signature, its key, its type and its claims were checked (`received`).
"""

from wallet_sdk.issuance.acceptance import (
    accept_offer,
    delete_credential,
    finish_authorization,
    pending_issuance,
    pending_issuances,
    resume_issuance,
    top_up,
)
from wallet_sdk.issuance.offers import (
    DescribedOffer,
    OfferedCredential,
    describe_issuer,
    describe_offer,
    fetch_offer,
    offer_host,
    read_offer,
)
from wallet_sdk.issuance.received import check_continues, verify_received
from wallet_sdk.issuance.run import Issuance, RefusedCredential, WaitingCredential

__all__ = [
    "DescribedOffer",
    "Issuance",
    "OfferedCredential",
    "RefusedCredential",
    "WaitingCredential",
    "accept_offer",
    "check_continues",
    "delete_credential",
    "describe_issuer",
    "describe_offer",
    "fetch_offer",
    "finish_authorization",
    "offer_host",
    "pending_issuance",
    "pending_issuances",
    "read_offer",
    "resume_issuance",
    "top_up",
    "verify_received",
]
