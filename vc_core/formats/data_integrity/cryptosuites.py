"""The four cryptosuites: how a document and a proof's own members become the message that a key signs.

    eddsa-rdfc-2022, eddsa-jcs-2022    Data Integrity EdDSA Cryptosuites 1.0, sections 3.2, 3.3
    ecdsa-rdfc-2019, ecdsa-jcs-2019    Data Integrity ECDSA Cryptosuites 1.0, sections 3.2, 3.3

The message is the digest of the canonical proof configuration, then the digest of the canonical document: SHA-256, or
SHA-384 where the key is of P-384.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from vc_core.crypto.keys import Algorithm
from vc_core.errors import ReasonCode, Rejection
from vc_core.formats.data_integrity.canonical import Digest, canonical_json, canonical_rdf
from vc_core.formats.data_integrity.expansion import expand_document
from vc_core.formats.data_integrity.templates import (
    canonical_rdf_by_template,
    has_known_shape,
    proof_rdf_by_template,
)
from vc_core.formats.vcdm import CREDENTIALS_V2

_EDDSA = frozenset({Algorithm.EDDSA})
_ECDSA = frozenset({Algorithm.ES256, Algorithm.ES384})


class Cryptosuite(StrEnum):
    """The cryptosuites by the names that proofs have for them."""

    EDDSA_RDFC_2022 = "eddsa-rdfc-2022"
    EDDSA_JCS_2022 = "eddsa-jcs-2022"
    ECDSA_RDFC_2019 = "ecdsa-rdfc-2019"
    ECDSA_JCS_2019 = "ecdsa-jcs-2019"

    @property
    def algorithms(self) -> frozenset[Algorithm]:
        """The algorithms that keys for this suite have."""
        return _EDDSA if self.startswith("eddsa") else _ECDSA

    @property
    def canonicalizes_json(self) -> bool:
        """Whether the suite signs JSON, and not what it means as RDF."""
        return "-jcs-" in self


@dataclass(frozen=True)
class ProofInput:
    """What a proof is made over: the document without proofs of its own, and the proof without its value.

    `own_terms`: whether the document's `@context` may define terms of its own. `forms` keeps what the document came to
    for one proof, for the other proofs on it: ten of them must not cost ten times as much.
    """

    document: Mapping[str, Any]
    configuration: Mapping[str, Any]
    own_terms: bool = False
    forms: dict[str, bytes] = field(default_factory=dict)


def message_to_sign(given: ProofInput, cryptosuite: Cryptosuite, algorithm: Algorithm) -> bytes:
    """The message that the suite has a key of that algorithm sign: 64 bytes, 96 for ES384.

    Raises `Rejection`: `MALFORMED` where the document or the proof has a member that no known context defines, whatever
    the suite, or a JSON suite's proof is made for other contexts than the document's; `TOO_LARGE`.
    """
    digest = Digest.SHA384 if algorithm is Algorithm.ES384 else Digest.SHA256
    forms = _json_forms(given) if cryptosuite.canonicalizes_json else _rdf_forms(given, digest)
    return digest.of(forms[0]) + digest.of(forms[1])


def canonical_forms(given: ProofInput, cryptosuite: Cryptosuite) -> tuple[bytes, bytes]:
    """The canonical proof configuration and document of which the message has the SHA-256; raises as it does."""
    return _json_forms(given) if cryptosuite.canonicalizes_json else _rdf_forms(given, Digest.SHA256)


def _rdf_forms(given: ProofInput, digest: Digest) -> tuple[bytes, bytes]:
    """The canonical proof configuration and document, by template where they have a known shape."""
    document = given.forms.get(digest.name) or canonical_rdf_by_template(given.document)
    if document is None:
        document = canonical_rdf(expand_document(given.document, own_terms=given.own_terms), digest)
    given.forms[digest.name] = document
    # The proof's own contexts have no say: RDF suites read its members with the document's.
    contexts = given.document.get("@context")
    proof = proof_rdf_by_template(given.configuration) if _is_of_model_2(contexts) else None
    if proof is None:
        quads = expand_document({**given.configuration, "@context": contexts}, own_terms=given.own_terms)
        proof = canonical_rdf(quads, digest)
    return proof, document


def _json_forms(given: ProofInput) -> tuple[bytes, bytes]:
    """The proof configuration and the document as canonical JSON, which is signed whatever it means.

    That all of it means something is checked all the same.
    """
    document, configuration = _json_input(given, given.document.get("@context"))
    kept = f"JSON {document.get('@context')}"
    if kept not in given.forms:
        if not has_known_shape(document):
            expand_document(document, own_terms=given.own_terms)
        given.forms[kept] = canonical_json(document)
    about = {name: value for name, value in configuration.items() if name != "@context"}
    if not _is_of_model_2(document.get("@context")) or proof_rdf_by_template(about) is None:
        expand_document({**about, "@context": document.get("@context")}, own_terms=given.own_terms)
    return canonical_json(configuration), given.forms[kept]


def _is_of_model_2(contexts: Any) -> bool:
    """Whether the document's first context is that of VCDM 2.0, which defines and protects all that proofs have."""
    return isinstance(contexts, list) and contexts[:1] == [CREDENTIALS_V2]


def _json_input(given: ProofInput, contexts: Any) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The document with the contexts that its proof names, which must be the first ones of the document's own."""
    if "@context" not in given.configuration:
        return given.document, given.configuration
    of_proof, of_document = given.configuration["@context"], contexts
    listed = of_proof if isinstance(of_proof, list) else [of_proof]
    if (of_document if isinstance(of_document, list) else [of_document])[: len(listed)] != listed:
        raise Rejection(ReasonCode.MALFORMED, "The proof was made for other contexts than the document's.")
    return {**given.document, "@context": of_proof}, given.configuration
