"""A shorter way to read a presentation: its text against what `create_ldp_vp` writes around a credential of ours.

As in `ldp_vc_text`, which reads the credential within: what fits has one meaning and one message, and what does not is
read as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any, NamedTuple

from vc_core.formats.data_integrity.cryptosuites import Cryptosuite
from vc_core.formats.data_integrity.message_templates import PresentationTemplate, mark
from vc_core.formats.ldp_vc_text import BASE58, PLAIN_TEXT, TIME, IssuedForm, IssuedText, read_issued_text, seconds
from vc_core.formats.vcdm import CREDENTIALS_V2

_SUITES = {str(suite): suite for suite in (Cryptosuite.EDDSA_RDFC_2022, Cryptosuite.ECDSA_RDFC_2019)}
_START = f'{{"@context":["{CREDENTIALS_V2}"],"type":["VerifiablePresentation"],"holder":"did:key:z'
_CREDENTIAL = '","verifiableCredential":['
_PROOF = '],"proof":{"type":"DataIntegrityProof",'
_END = re.compile(
    rf'"cryptosuite":"({"|".join(_SUITES)})","created":{TIME},"verificationMethod":"did:key:z({BASE58}+)#z\3",'
    rf'"proofPurpose":"authentication","domain":"({PLAIN_TEXT})",(?:"challenge":"({PLAIN_TEXT})",)?'
    rf'"proofValue":"(z{BASE58}{{1,139}})"\}}\}}'.encode()
)
_HOLDER = 4
"""Which of the credential's values is in the holder's did:key."""


class PresentedText(NamedTuple):
    """A presentation's text that has the form, and the message that its proof signs; `presented_at` since 1970."""

    credential: IssuedText
    cryptosuite: Cryptosuite
    presented_at: int
    domain: str
    challenge: str | None
    message: bytes
    proof_value: str


def read_presented_text(text: str) -> PresentedText | None:
    """The presentation in a text that is exactly as `create_ldp_vp` writes it; None where it is not, or may not be."""
    start = len(_START)
    end, at = text.find(_CREDENTIAL, start, start + 150), text.rfind(_PROOF)
    if not text.startswith(_START) or not 0 < end < at:
        return None
    try:
        match = _END.fullmatch(text[at + len(_PROOF) :].encode())
    except UnicodeEncodeError:
        return None
    credential = None if match is None else read_issued_text(text[end + len(_CREDENTIAL) : at])
    if match is None or credential is None:
        return None
    values = match.groups(b"")
    suite, created, method, domain, challenge, proof_value = [each.decode() for each in values]
    if not text[start:end] == method == credential.texts[_HOLDER]:
        return None
    template = _template(credential.form, credential.cryptosuite, bool(challenge), *credential.claims)
    message = template.fill(credential.values + values)
    return PresentedText(credential, _SUITES[suite], seconds(created), domain, challenge or None, message, proof_value)


@lru_cache(maxsize=128)
def _template(form: IssuedForm, cryptosuite: Cryptosuite, has_challenge: bool, *claims: str) -> PresentationTemplate:
    """The template for presentations of such credentials; the newest are kept, as of the credentials' own."""
    return PresentationTemplate(*_sample(form, cryptosuite, has_challenge, claims))


def _sample(
    form: IssuedForm, cryptosuite: Cryptosuite, has_challenge: bool, claims: Collection[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """As `IssuedForm.sample`: marks for the credential's values, then for those that `_END` finds."""
    after, holder = form.count, f"did:key:z{mark(_HOLDER)}"
    document, configuration = form.sample(cryptosuite, claims)
    presentation = {
        "@context": [CREDENTIALS_V2],
        "type": ["VerifiablePresentation"],
        "holder": holder,
        "verifiableCredential": [{**document, "proof": {**configuration, "proofValue": mark(after - 1)}}],
    }
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": mark(after),
        "created": mark(after + 1),
        "verificationMethod": f"{holder}#z{mark(_HOLDER)}",
        "proofPurpose": "authentication",
        "domain": mark(after + 3),
    }
    return presentation, proof | ({"challenge": mark(after + 4)} if has_challenge else {})
