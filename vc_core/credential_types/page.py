"""docs/credential-types.md, written from the definitions: `make docs` writes it, a test fails where it is stale."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vc_core.credential_types.definition import LANGUAGES, Claim, ClaimKind, CredentialType, StatusPolicy
from vc_core.credential_types.json_ld import context_url
from vc_core.credential_types.json_schema import schema_url
from vc_core.credential_types.type_metadata import type_metadata_integrity

_INTRODUCTION = """\
# Credential types

This page is written from the definitions in `vc_core/credential_types/` by `make docs`; a test fails where it is stale.

**The labels in Thai, Burmese, Lao and Khmer were written by the project and not reviewed by native speakers.**

## What follows from a definition

| what | where |
|---|---|
| what the issuer offers (OpenID4VCI) | `/.well-known/openid-credential-issuer` of an issuer that has keys for the type |
| JSON-LD context | `/contexts/<name>/v<version>` of every issuer, and within the program: nothing is ever fetched |
| JSON Schema (2020-12) of the claims | `/schemas/<name>/v<version>` of every issuer |
| SD-JWT VC type metadata | `/vct/<vct>` of every issuer |
| which claims a holder may withhold | SD-JWT VC: those marked so below |
| what is in W3C credentials | all claims but those that only SD-JWT VCs have |
| what is in a QR pass | the claims with a key below; [qr-pass.md](qr-pass.md) has the bytes |
| names and labels in five languages | wallet, front desk, issuer metadata, type metadata |

The documents of a type are public, the same at every issuer, and may be kept: they have an `ETag` and a `max-age`. A
`vct` is a URN, since a type belongs to no issuer and no host. A wallet that knows only `vct` asks the issuer that it
has the credential from for `/vct/<vct>`, and compares the bytes with `vct#integrity` in the credential
([decision 0009](decisions/0009-one-file-per-credential-type.md)).

## Adding a type

Add one file to `vc_core/credential_types/` that defines one `CredentialType`: its name, number and labels, and its
claims. No list names the types: the package finds them, and refuses to load where two share a name, a number or a
`vct`, where a label is missing in one of the languages, or where a claim that another type has means something else
(`registry.py`). Then `make docs`, keys for the type in the issuer's settings, and an accreditation for its `vct`.

What the roster does not have of a person, an officer states with the offer: `POST /offers` takes `claims`, by the
name of the type ([issuance.md](issuance.md)).

A type never changes once credentials of it are out: another claim is another type, with a name, a `vct` and a number of
its own. (Before the first release some got claims that may be missing:
[decision 0036](decisions/0036-a-copay-and-a-portrait.md).) The version in a `vct` is there for the day when a program has to know two of the same name; none does yet.
"""


def create_page(types: Iterable[CredentialType]) -> str:
    """The page in Markdown."""
    return "\n".join([_INTRODUCTION, *(line for each in types for line in _type(each))])


def _type(credential_type: CredentialType) -> Iterator[str]:
    labels = (f"{language} {credential_type.labels[language]}" for language in LANGUAGES)
    yield f"## {credential_type.name}"
    yield ""
    yield f"{credential_type.description}"
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield f"| names | {' · '.join(labels)} |"
    yield f"| `vct` | `{credential_type.vct}` |"
    yield f"| `vct#integrity` | `{type_metadata_integrity(credential_type)}` |"
    yield f"| context | `{context_url(credential_type)}` |"
    yield f"| schema | `{schema_url(credential_type)}` |"
    yield f"| QR pass | {f'number {credential_type.number}' if credential_type.qr_pass else 'none'} |"
    yield f"| valid for | {_validity(credential_type)} |"
    yield f"| status | {_STATUS[credential_type.status_policy]} |"
    yield ""
    yield "| claim | label | value | must be there | may be withheld | key in the QR pass |"
    yield "|---|---|---|---|---|---|"
    for claim in credential_type.claims:
        key = claim.qr_key if credential_type.qr_pass and claim.qr_key is not None else "–"
        yield (
            f"| `{claim.name}` | {claim.labels['en']} | {_value(claim)} | {_yes(claim.required)} "
            f"| {_withheld(claim)} | {key} |"
        )
    yield ""


_STATUS = {
    StatusPolicy.REQUIRED: "an entry of a status list: it can be suspended and revoked",
    StatusPolicy.NONE: "none: it can't be withdrawn",
}


def _validity(credential_type: CredentialType) -> str:
    days = f"{credential_type.validity.days} days"
    return (
        days
        if credential_type.last_day is None
        else f"{days}, but no longer than the day of `{credential_type.last_day}`"
    )


_KINDS = {
    ClaimKind.TEXT: "text",
    ClaimKind.INTEGER: "whole number",
    ClaimKind.DATE: "date, `YYYY-MM-DD`",
    ClaimKind.IMAGE: "JPEG as a data URL, at most 160 by 200 pixels and 4,096 bytes",
}


def _value(claim: Claim) -> str:
    if claim.choices is not None:
        return ", ".join(f"`{choice}`" for choice in claim.choices)
    if claim.pattern is not None:
        return "`" + claim.pattern.replace("|", "\\|") + "`"
    return _KINDS[claim.kind]


def _withheld(claim: Claim) -> str:
    return "yes, and only in SD-JWT VC" if claim.only_withheld else _yes(claim.disclosable)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
