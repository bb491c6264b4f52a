"""What HAIP 1.0 leaves of a desk's choices (sections 5, 5.1, 5.2 and 6.1).

Such a desk asks by its certificate's hash for SD-JWT VCs, takes encrypted answers only, and knows issuers by the
certificates that their credentials carry. What it may ask, and for which claims, the registry says as ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cryptography import x509

from vc_core.certificate_trust import TrustAnchor
from vc_core.dcql_candidates import AUTHORITY_KEY_IDENTIFIER
from vc_core.encoding import base64url_encode
from vc_core.errors import InvalidRequest
from vc_core.protocols.dcql.query import DcqlQuery, TrustedAuthoritiesQuery
from vc_core.protocols.openid4vp.client_id import ClientIdPrefix
from verifier.requests.schemas import CreateRequest


def check_haip(wanted: CreateRequest) -> None:
    """Raises `InvalidRequest` where a desk's program asks for what the profile does not have."""
    if not wanted.response_mode.is_encrypted:
        raise InvalidRequest("This desk keeps to HAIP: answers are encrypted, direct_post.jwt or dc_api.jwt.")
    if wanted.client_id_prefix not in (None, ClientIdPrefix.X509_HASH):
        raise InvalidRequest("This desk keeps to HAIP: it asks under the prefix x509_hash.")


def ask_for_certified(query: DcqlQuery, anchors: Sequence[TrustAnchor]) -> DcqlQuery:
    """The query for credentials whose certificates lead to one of the anchors (`aki`, OpenID4VP section 6.1.1.1).

    Anchors without a key identifier can't be named that way: with one of these, the query does not say.
    """
    identifiers = [_key_identifier(each.certificate) for each in anchors]
    known = tuple(dict.fromkeys(each for each in identifiers if each is not None))
    if not known or None in identifiers:
        return query
    authorities = (TrustedAuthoritiesQuery(AUTHORITY_KEY_IDENTIFIER, known),)
    return replace(
        query, credentials=tuple(replace(each, trusted_authorities=authorities) for each in query.credentials)
    )


def _key_identifier(anchor: x509.Certificate) -> str | None:
    try:
        found = anchor.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return None
    return base64url_encode(found.value.digest)
