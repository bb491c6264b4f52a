"""DID documents as JSON."""

from vc_core.crypto.keys import Ed25519Signer, P256Signer, PublicKey
from vc_core.crypto.secp256k1 import Secp256k1PublicKey
from vc_core.did.document import DidDocument, KeyFormat, VerificationMethod


def test_a_multikey_as_did_key_writes_it() -> None:
    # The first Ed25519 example of the did:key method.
    multibase = "z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
    key = PublicKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": "O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik"})

    method = VerificationMethod("did:example:1#key", public_key=key)

    assert method.to_json() == {
        "id": "did:example:1#key",
        "type": "Multikey",
        "controller": "did:example:1",
        "publicKeyMultibase": multibase,
    }


def test_an_empty_document() -> None:
    document = DidDocument("did:example:1", deactivated=True).to_json()

    assert document.pop("@context")[0] == "https://www.w3.org/ns/did/v1"
    assert document == {"id": "did:example:1", "verificationMethod": [], "authentication": [], "assertionMethod": []}


def test_the_contexts_are_those_of_the_methods_there_are() -> None:
    point = Secp256k1PublicKey(bytes.fromhex("02b97c30de767f084ce3080168ee293053ba33b235d7116a3263d29f1450936b71"))
    document = DidDocument(
        "did:example:1",
        (
            VerificationMethod("did:example:1#a", blockchain_account_id="eip155:1:0x0"),
            VerificationMethod.of_key("did:example:1#b", P256Signer.generate().public_key),
            VerificationMethod.of_key("did:example:1#c", point),
        ),
    )

    contexts = document.to_json()["@context"]
    assert contexts == [
        "https://www.w3.org/ns/did/v1",
        "https://w3id.org/security/suites/secp256k1recovery-2020/v2",
        "https://w3id.org/security/multikey/v1",
    ]
    assert "@context" not in document.to_json(linked_data=False)


def test_keys_as_jwk_where_that_is_asked_for() -> None:
    key = Ed25519Signer.generate().public_key
    account = VerificationMethod("did:example:1#a", blockchain_account_id="eip155:1:0x0")
    document = DidDocument("did:example:1", (account, VerificationMethod.of_key("did:example:1#b", key)))

    shown = document.with_key_format(KeyFormat.JSON_WEB_KEY).to_json()

    assert shown["verificationMethod"][0] == account.to_json()
    assert shown["verificationMethod"][1] == {
        "id": "did:example:1#b",
        "type": "JsonWebKey",
        "controller": "did:example:1",
        "publicKeyJwk": key.to_jwk(),
    }
    assert "https://w3id.org/security/jwk/v1" in shown["@context"]
