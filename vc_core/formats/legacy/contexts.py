"""The JSON-LD contexts that a legacy credential may name, as what they define and nothing else.

The library that verifies legacy signatures signs over the meaning of a document, and what its contexts don't define has
none: a type that nobody defined, or a reference that is no absolute IRI, can be added to a signed credential without
breaking the signature. So each name that a document uses must be in this table, and what is a reference must be one.
"""

from __future__ import annotations

from dataclasses import dataclass

CREDENTIALS_V1 = "https://www.w3.org/2018/credentials/v1"
ED25519_2020 = "https://w3id.org/security/suites/ed25519-2020/v1"
JWS_2020 = "https://w3id.org/security/suites/jws-2020/v1"


@dataclass(frozen=True)
class LegacyContext:
    """What a context defines: types, terms with text or an object as value, and terms whose value is an IRI."""

    types: frozenset[str] = frozenset()
    terms: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()


def _context(types: str = "", terms: str = "", references: str = "") -> LegacyContext:
    return LegacyContext(frozenset(types.split()), frozenset(terms.split()), frozenset(references.split()))


CONTEXTS = {
    CREDENTIALS_V1: _context(
        "VerifiableCredential VerifiablePresentation JsonSchemaValidator2018 ManualRefreshService2018",
        "expirationDate issuanceDate issued",
        "credentialSchema credentialStatus credentialSubject evidence holder issuer refreshService termsOfUse",
    ),
    # Without the terms of ODRL, which this context brings in from another.
    "https://www.w3.org/2018/credentials/examples/v1": _context(
        "AlumniCredential BachelorDegree DisputeCredential PrescriptionCredential RelationshipCredential "
        "UniversityDegreeCredential",
        "alumniOf attributes college currentStatus degree degreeSchool degreeType documentPresence evidenceDocument "
        "familyName givenName issuerData name prescription referenceId spouse statusReason subjectPresence",
        "child parent verifier",
    ),
    "https://w3id.org/citizenship/v1": _context(
        "PermanentResident PermanentResidentCard Person",
        "birthCountry birthDate commuterClassification description familyName gender givenName identifier lprCategory "
        "lprNumber name residentSince",
        "image",
    ),
    "https://w3id.org/vaccination/v1": _context(
        "VaccinationCertificate VaccinationEvent Vaccine VaccineRecipient",
        "administeringCentre atcCode batchNumber birthDate countryOfVaccination dateOfVaccination description disease "
        "event familyName gender givenName healthProfessional identifier image marketingAuthorizationHolder "
        "medicinalProductName name nextVaccinationDate order recipient vaccine",
    ),
    "https://w3id.org/vc-revocation-list-2020/v1": _context(
        "RevocationList2020Status", "revocationListIndex", "revocationListCredential"
    ),
    "https://w3id.org/vc/status-list/2021/v1": _context(
        "StatusList2021Entry", "statusListIndex statusPurpose", "statusListCredential"
    ),
    ED25519_2020: _context(),
    JWS_2020: _context(),
}
