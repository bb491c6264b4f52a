"""A shorter way to read a credential of ours: its JSON text against a pattern of exactly what `create_ldp_vc` writes.

The pattern is made from the type's definition. It has the members in the order in which they are written, no white
space, no escapes, and no character that would need any, so that whatever fits is JSON with one meaning, and of the
shape that `data_integrity.templates` knows. Text that does not fit may be as good; it is read by the JSON reader,
member by member, and tests prove that both find the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from vc_core.credential_types import CREDENTIAL_TYPES, type_named
from vc_core.credential_types.definition import Claim, ClaimKind, CredentialType, InvalidClaims, StatusPolicy
from vc_core.credential_types.json_ld import document_contexts, document_types
from vc_core.encoding import compact_json
from vc_core.formats.data_integrity.cryptosuites import Cryptosuite

_PURPOSES = ("revocation", "suspension")
_URL = r"(?:did|https|urn):[A-Za-z0-9._~:/?&=-]{1,1000}(?:#[A-Za-z0-9._~:-]{1,200})?"
_TIME = r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ"
_BASE58 = "[1-9A-HJ-NP-Za-km-z]"
_VALUES = {
    ClaimKind.TEXT: r'"([^"\\\x00-\x1f\x7f]{1,200})"',
    ClaimKind.DATE: r'"(\d{4}-\d\d-\d\d)"',
    ClaimKind.INTEGER: r"(0|[1-9]\d{0,14})",
}
_TYPE = re.compile(r'"type":\["VerifiableCredential","([A-Za-z0-9]{1,50})"\]')


class IssuedText(NamedTuple):
    """What was read: the document without its proof, and the proof without and with nothing but its value."""

    credential_type: CredentialType
    document: Mapping[str, Any]
    configuration: Mapping[str, Any]
    proof_value: str


class _Pattern:
    """The texts of one credential type's credentials."""

    def __init__(self, credential_type: CredentialType) -> None:
        self._type = credential_type
        self._contexts, self._types = document_contexts(credential_type), document_types(credential_type)
        self._has_status = credential_type.status_policy is StatusPolicy.REQUIRED
        self._claims = credential_type.whole_claims()
        self._members = ("id", *(claim.name for claim in self._claims))
        self._optional = [claim.name for claim in self._claims if not claim.required]
        self._integers = [claim.name for claim in self._claims if claim.kind is ClaimKind.INTEGER]
        # What the pattern does not see: whether a day exists, and what else the definition asks of a text.
        self._checked = [
            claim for claim in self._claims if claim.kind is ClaimKind.DATE or claim.pattern or claim.choices
        ]
        contexts = re.escape(compact_json(self._contexts).decode("utf-8"))
        types = re.escape(compact_json(self._types).decode("utf-8"))
        suites = "|".join(Cryptosuite)
        entries = ",".join(
            rf'\{{"id":"({_URL})","type":"BitstringStatusListEntry","statusPurpose":"{purpose}",'
            rf'"statusListIndex":"(0|[1-9]\d{{0,11}})","statusListCredential":"({_URL})"\}}'
            for purpose in _PURPOSES
        )
        self._pattern = re.compile(
            rf'\{{"@context":{contexts},"id":"({_URL})","type":{types},'
            rf'"issuer":"(did:[a-z0-9]{{1,20}}:[A-Za-z0-9._:-]{{1,150}})","validFrom":"({_TIME})","validUntil":"({_TIME})",'
            rf'"credentialSubject":\{{"id":"(did:key:z{_BASE58}{{1,100}})"{"".join(map(_member, self._claims))}\}},'
            + (rf'"credentialStatus":\[{entries}\],' if self._has_status else "")
            + rf'"proof":\{{"type":"DataIntegrityProof","cryptosuite":"({suites})","created":"({_TIME})",'
            rf'"verificationMethod":"(\2#[A-Za-z0-9._:-]{{1,100}})","proofPurpose":"assertionMethod",'
            rf'(?:"@context":({contexts}),)?"proofValue":"(z{_BASE58}{{1,139}})"\}}\}}',
            re.ASCII,
        )

    def read(self, text: str) -> IssuedText | None:
        """What is in a text, None where it does not fit."""
        match = self._pattern.fullmatch(text)
        if match is None:
            return None
        name, issuer, valid_from, valid_until, holder, *values = match.groups()
        suite, created, method, contexts, proof_value = values[-5:]
        subject = self._subject(holder, values)
        entries = _entries(values[len(self._claims) :]) if self._has_status else []
        names = {name, holder, *(entry["id"] for entry in entries)}
        for entry in entries:
            if entry["id"] == entry["statusListCredential"]:
                return None
        if subject is None or len(names) != 2 + len(entries) or ("-jcs-" in suite) != (contexts is not None):
            return None
        document = {
            "@context": self._contexts,
            "id": name,
            "type": self._types,
            "issuer": issuer,
            "validFrom": valid_from,
            "validUntil": valid_until,
            "credentialSubject": subject,
        }
        if entries:
            document["credentialStatus"] = entries
        configuration = {
            "type": "DataIntegrityProof",
            "cryptosuite": suite,
            "created": created,
            "verificationMethod": method,
            "proofPurpose": "assertionMethod",
        }
        if contexts is not None:
            configuration["@context"] = self._contexts
        return IssuedText(self._type, document, configuration, proof_value)

    def _subject(self, holder: str, values: list[str]) -> dict[str, Any] | None:
        """The subject's members; None where a claim is not what the definition asks for."""
        subject: dict[str, Any] = dict(zip(self._members, (holder, *values), strict=False))
        for name in self._optional:
            if subject[name] is None:
                del subject[name]
        for name in self._integers:
            if name in subject:
                subject[name] = int(subject[name])
        try:
            for claim in self._checked:
                if claim.name in subject:
                    claim.check(subject[claim.name])
        except InvalidClaims:
            return None
        return subject


def _member(claim: Claim) -> str:
    member = f',"{re.escape(claim.name)}":{_VALUES[claim.kind]}'
    return member if claim.required else f"(?:{member})?"


def _entries(values: list[str]) -> list[dict[str, str]]:
    return [
        {
            "id": values[start],
            "type": "BitstringStatusListEntry",
            "statusPurpose": purpose,
            "statusListIndex": values[start + 1],
            "statusListCredential": values[start + 2],
        }
        for start, purpose in ((0, _PURPOSES[0]), (3, _PURPOSES[1]))
    ]


_PATTERNS = {each.name: _Pattern(each) for each in CREDENTIAL_TYPES.values()}


def read_issued_text(text: str) -> IssuedText | None:
    """The credential in a text that is exactly as `create_ldp_vc` writes it; None where it is not, or may not be."""
    found = _TYPE.search(text, 0, 1000)
    if found is None or type_named(found[1]) is None:
        return None
    return _PATTERNS[found[1]].read(text)
