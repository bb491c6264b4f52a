"""A shorter way to read a credential of ours: its JSON text against a pattern of exactly what `create_ldp_vc` writes.

The pattern is made from the type's definition. It has the members in the order in which they are written, no white
space, no escapes, and no character that would need any, so that whatever fits is JSON with one meaning. All but the
values being known, so is the message that the proof signs: the values are filled into a template of it, and no document
is ever put together. Text that does not fit may be as good; it is read by the JSON reader, member by member, and tests
prove that both find the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from vc_core.credential_types import CREDENTIAL_TYPES
from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType, InvalidClaims, StatusPolicy
from vc_core.credential_types.json_ld import CONTEXTS, VCDM_CONTEXT, document_contexts, document_types
from vc_core.encoding import compact_json
from vc_core.formats.bitstring_status_list import ENTRY_TYPE
from vc_core.formats.credential import BitstringStatusReference, StatusPurpose
from vc_core.formats.data_integrity.cryptosuites import Cryptosuite
from vc_core.formats.data_integrity.message_templates import MessageTemplate, mark

# The days of every year: a 29th of February goes the long way. So do the years before 1970, for times.
_DAY = r"(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8])"
TIME = rf'"((?:19[7-9]\d|[2-9]\d{{3}})-(?:{_DAY})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ)"'
BASE58 = "[1-9A-HJ-NP-Za-km-z]"
# In UTF-8: of U+FFFE and U+FFFF, which RDF escapes, EF is the first byte; U+F000 to U+FFFD go the long way with them.
# Of a text the pattern counts bytes, so that what it takes has no more characters either.
PLAIN_TEXT = r'[^"\\\x00-\x1f\x7f\xef]{1,200}'
_VALUES = {
    ClaimKind.TEXT: f'"({PLAIN_TEXT})"',
    ClaimKind.DATE: rf'"((?!0000)\d{{4}}-(?:{_DAY}))"',
    ClaimKind.INTEGER: r"(0|[1-9]\d{0,14})",
}
_PURPOSES = (StatusPurpose.REVOCATION, StatusPurpose.SUSPENSION)
_ENTRY = 3
"""Values of an entry: address without `https://`, index, purpose."""
_CLAIMS = 5
"""Where the values of claims begin, after the `id`, `issuer`, `validFrom` and `validUntil`, and the subject's `id`."""


class IssuedText(NamedTuple):
    """A credential's text that has the form: its values, the claims among them, and the message that its proof signs.

    `texts` are the values in the order of the text, `values` the same as bytes and in the order that RDF has them.
    """

    form: IssuedForm
    texts: list[str]
    values: tuple[bytes, ...]
    claims: dict[str, Any]
    cryptosuite: Cryptosuite
    message: bytes

    @property
    def verification_method(self) -> str:
        """The key of the proof, as a DID URL."""
        return f"did:{self.texts[-3]}"

    @property
    def created(self) -> int:
        """When the proof was made, in seconds since 1970."""
        return seconds(self.texts[-4])

    @property
    def valid_from(self) -> int:
        """The first second of the credential's validity, since 1970."""
        return seconds(self.texts[2])

    @property
    def valid_until(self) -> int:
        """The second at which it ends."""
        return seconds(self.texts[3])

    @property
    def holder(self) -> str:
        """The holder's did:key, of which the key is still to be looked at."""
        return f"did:key:z{self.texts[4]}"

    @property
    def status(self) -> tuple[BitstringStatusReference, ...]:
        """The status entries."""
        return self.form.references(self.texts)

    @property
    def proof_value(self) -> str:
        """The signature as multibase."""
        return self.texts[-1]


class IssuedForm:
    """The texts of one credential type's credentials."""

    def __init__(self, credential_type: CredentialType) -> None:
        self.credential_type = credential_type
        self._claims = credential_type.whole_claims()
        self._names = [claim.name for claim in self._claims]
        self._integers = [claim.name for claim in self._claims if claim.kind is ClaimKind.INTEGER]
        self._checked = [claim for claim in self._claims if claim.pattern or claim.choices]
        """Those of which the definition asks more than the pattern sees."""
        self._has_status = credential_type.status_policy is StatusPolicy.REQUIRED
        self._status = _CLAIMS + len(self._claims)
        """Where the values of the entries begin, if there are any."""
        self._pattern = re.compile(self._describe().encode())
        self.count = self._pattern.groups
        """How many values a text has."""

    def _describe(self) -> str:
        contexts, types = (
            _exactly(document_contexts(self.credential_type)),
            _exactly(document_types(self.credential_type)),
        )
        entries = [_entry(self._status + _ENTRY * number, purpose) for number, purpose in enumerate(_PURPOSES)]
        status = rf'"credentialStatus":\[{",".join(entries)}\],' if self._has_status else ""
        return (
            rf'\{{"@context":{contexts},"id":"urn:uuid:([0-9a-f-]{{36}})","type":{types},'
            rf'"issuer":"did:([a-z0-9]{{1,20}}:[A-Za-z0-9._:-]{{1,150}})","validFrom":{TIME},"validUntil":{TIME},'
            rf'"credentialSubject":\{{"id":"did:key:z({BASE58}{{1,100}})"{"".join(map(_member, self._claims))}\}},'
            rf'{status}"proof":\{{"type":"DataIntegrityProof","cryptosuite":"({"|".join(Cryptosuite)})",'
            rf'"created":{TIME},"verificationMethod":"did:(\2#[A-Za-z0-9._:-]{{1,100}})",'
            rf'"proofPurpose":"assertionMethod",(?:"(@context)":{contexts},)?"proofValue":"(z{BASE58}{{1,139}})"\}}\}}'
        )

    def read(self, text: str) -> IssuedText | None:
        """What is in a text, None where it does not fit."""
        try:
            match = self._pattern.fullmatch(text.encode())
        except UnicodeEncodeError:
            return None
        if match is None:
            return None
        values = match.groups(b"")
        texts = b"\n".join(values).decode().split("\n")
        suite, contexts = texts[-5], texts[-2]
        claims = self._read_claims(texts)
        in_order = self._in_order(values) if self._has_status else values
        if claims is None or in_order is None or ("-jcs-" in suite) != bool(contexts):
            return None
        cryptosuite, template = _template(self, suite, *claims)
        message = template.fill(values if contexts else in_order)
        return IssuedText(self, texts, in_order, claims, cryptosuite, message)

    def _read_claims(self, texts: list[str]) -> dict[str, Any] | None:
        """The claims; None where one is not what the definition asks for."""
        claims: dict[str, Any] = {name: text for name, text in zip(self._names, texts[_CLAIMS:], strict=False) if text}
        for name in self._integers:
            if name in claims:
                claims[name] = int(claims[name])
        try:
            for claim in self._checked:
                if claim.name in claims:
                    claim.check(claims[claim.name])
        except InvalidClaims:
            return None
        return claims

    def references(self, texts: list[str]) -> tuple[BitstringStatusReference, ...]:
        """The status entries in a text with these values."""
        if not self._has_status:
            return ()
        uri, index, _, other_uri, other_index, _ = texts[self._status : self._status + 2 * _ENTRY]
        return (
            BitstringStatusReference(f"https://{uri}", int(index), _PURPOSES[0]),
            BitstringStatusReference(f"https://{other_uri}", int(other_index), _PURPOSES[1]),
        )

    def _in_order(self, values: tuple[bytes, ...]) -> tuple[bytes, ...] | None:
        """The values with the two entries in the order of their ids, as RDF has them; None if both have the same."""
        first, second = self._status, self._status + _ENTRY
        name = b"%b#%b>" % values[first : first + 2]
        other = b"%b#%b>" % values[second : second + 2]
        if name < other:
            return values
        after = second + _ENTRY
        return None if name == other else values[:first] + values[second:after] + values[first:second] + values[after:]

    def sample(self, cryptosuite: Cryptosuite, claims: Collection[str]) -> tuple[dict[str, Any], dict[str, Any]]:
        """A document without its proof and a proof without its value, with marks for what the pattern's groups find."""
        contexts, proof = document_contexts(self.credential_type), self._status
        document: dict[str, Any] = {
            "@context": contexts,
            "id": f"urn:uuid:{mark(0)}",
            "type": document_types(self.credential_type),
            "issuer": f"did:{mark(1)}",
            "validFrom": mark(2),
            "validUntil": mark(3),
            "credentialSubject": {"id": f"did:key:z{mark(4)}"} | self._sample_claims(claims),
        }
        if self._has_status:
            proof = self._status + 2 * _ENTRY
            document["credentialStatus"] = [_sample_entry(at) for at in range(self._status, proof, _ENTRY)]
        configuration: dict[str, Any] = {
            "type": "DataIntegrityProof",
            "cryptosuite": mark(proof),
            "created": mark(proof + 1),
            "verificationMethod": f"did:{mark(proof + 2)}",
            "proofPurpose": "assertionMethod",
        }
        return document, configuration | ({"@context": contexts} if cryptosuite.canonicalizes_json else {})

    def _sample_claims(self, names: Collection[str]) -> dict[str, Any]:
        return {
            claim.name: int(mark(position)) if claim.kind is ClaimKind.INTEGER else mark(position)
            for position, claim in enumerate(self._claims, _CLAIMS)
            if claim.name in names
        }


@lru_cache(maxsize=256)
def _template(form: IssuedForm, suite: str, *claims: str) -> tuple[Cryptosuite, MessageTemplate]:
    """The template for credentials with these claims.

    Only the newest are kept: issuers make few kinds, but strangers, whose signatures are not checked yet, can leave out
    any of ten optional claims.
    """
    cryptosuite = Cryptosuite(suite)
    return cryptosuite, MessageTemplate(*form.sample(cryptosuite, claims), cryptosuite)


def _exactly(value: Any) -> str:
    return re.escape(compact_json(value).decode("utf-8"))


def _member(claim: Claim) -> str:
    member = f',"{re.escape(claim.name)}":{_VALUES[claim.kind]}'
    return member if claim.required else f"(?:{member})?"


def _entry(start: int, purpose: str) -> str:
    """An entry whose values begin there; groups count from 1."""
    return (
        rf'\{{"id":"https://([A-Za-z0-9._~:/?&=-]{{1,1000}})#(0|[1-9]\d{{0,11}})","type":"{ENTRY_TYPE}",'
        rf'"statusPurpose":"({purpose})","statusListIndex":"\{start + 2}",'
        rf'"statusListCredential":"https://\{start + 1}"\}}'
    )


def _sample_entry(start: int) -> dict[str, str]:
    return {
        "id": f"https://{mark(start)}#{mark(start + 1)}",
        "type": ENTRY_TYPE,
        "statusPurpose": mark(start + 2),
        "statusListIndex": mark(start + 1),
        "statusListCredential": f"https://{mark(start)}",
    }


def seconds(time: str) -> int:
    """A time that has the form, in seconds since 1970."""
    return int(datetime.fromisoformat(time).timestamp())


_FORMS = {each.name: IssuedForm(each) for each in CREDENTIAL_TYPES.values()}
_START = f'{{"@context":["{VCDM_CONTEXT}","{CONTEXTS}'
"""Of every text, before the type's name and a slash."""


def read_issued_text(text: str) -> IssuedText | None:
    """The credential in a text that is exactly as `create_ldp_vc` writes it; None where it is not, or may not be."""
    start = len(_START)
    form = _FORMS.get(text[start : text.find("/", start, start + 100)])
    return None if form is None else form.read(text)
