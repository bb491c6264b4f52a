"""Taking a credential from an issuer: OpenID4VCI 1.0, in steps with consent in between.

    read_offer ──▶ (consent) ──▶ fetch_offer ──▶ describe_offer ──▶ (consent, tx_code) ──▶ accept_offer
                                                                       resume_issuance ──▶─┘

`offers` is what comes before the holder's yes and leaves no trace in the wallet. `acceptance` is what comes after it,
one saved state at a time: `states` are the values, `transitions` the table between them. A credential goes into the
wallet only once its issuer, its accreditation, its signature, its key, its type and its claims were checked
(`received`).
"""

from wallet_sdk.issuance.acceptance import (
    Issuance,
    RefusedCredential,
    accept_offer,
    pending_issuances,
    resume_issuance,
)
from wallet_sdk.issuance.offers import (
    DescribedOffer,
    OfferedCredential,
    describe_offer,
    fetch_offer,
    offer_host,
    read_offer,
)
from wallet_sdk.issuance.received import verify_received

__all__ = [
    "DescribedOffer",
    "Issuance",
    "OfferedCredential",
    "RefusedCredential",
    "accept_offer",
    "describe_offer",
    "fetch_offer",
    "offer_host",
    "pending_issuances",
    "read_offer",
    "resume_issuance",
    "verify_received",
]
