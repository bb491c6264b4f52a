"""Requests and answers that are encrypted, with the keys of the metadata and of the wallet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from issuer.issuance.encryption_keys import load_encryption_keys
from issuer.settings import IssuerSettings
from tests.issuer.wallet import COVERAGE, ISSUER, OFFICER, Wallet
from vc_core.crypto.jwe import EncryptionKey
from vc_core.crypto.keys import Ed25519Signer, P256Signer, signer_to_pem
from vc_core.errors import SettingsError
from vc_core.formats.presentation import parse_credential
from vc_core.protocols.openid4vci.credential import (
    DeferredIssuance,
    IssuedCredentials,
    create_credential_request,
    parse_credential_response,
)
from vc_core.protocols.openid4vci.deferred import create_deferred_credential_request
from vc_core.protocols.openid4vci.encryption import RequestEncryption, decrypt_response, encrypt_request
from vc_core.protocols.openid4vci.issuer_metadata import IssuerMetadata, parse_issuer_metadata

WALLET_KEY = EncryptionKey.generate()


async def metadata(client: httpx.AsyncClient) -> IssuerMetadata:
    """The issuer's metadata as a wallet reads it."""
    answer = await client.get("/.well-known/openid-credential-issuer")
    return parse_issuer_metadata(answer.json(), expected_issuer=ISSUER)


async def to_issuer(client: httpx.AsyncClient) -> RequestEncryption:
    """How to encrypt to the issuer."""
    encryption = (await metadata(client)).request_encryption
    assert encryption is not None
    return encryption


@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
async def test_both_ways_and_either_way(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet, enc: str
) -> None:
    encryption, token = await to_issuer(client), await wallet.authorized(people["A1"])
    assert ((await metadata(client)).response_enc, encryption.required) == ("A256GCM", False)

    async def request(**more: Any) -> dict[str, Any]:
        return create_credential_request(COVERAGE, proofs=[await wallet.proof()], **more)

    only_request = await wallet.send("/credential", token, encrypt_request(await request(), encryption))
    assert only_request.status_code == 200
    assert only_request.headers["content-type"] == "application/json"
    for body in (
        encrypt_request(await request(response_key=WALLET_KEY, response_enc=enc), encryption),
        await request(response_key=WALLET_KEY, response_enc=enc),
    ):
        answer = await wallet.send("/credential", token, body)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/jwt")
        assert answer.headers["cache-control"] == "no-store"
        response = parse_credential_response(decrypt_response(answer.content, key=WALLET_KEY, enc=enc))
        assert isinstance(response, IssuedCredentials)
        assert parse_credential(response.credentials[0]).holder_key == wallet.key.public_key


async def test_what_has_to_wait_is_answered_encrypted_too_by_the_key_of_each_request(
    client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet
) -> None:
    encryption = await to_issuer(client)
    token = (await wallet.token(*await wallet.offered(people["A1"], needs_approval=True))).json()["access_token"]
    request = create_credential_request(COVERAGE, proofs=[await wallet.proof()], response_key=WALLET_KEY)
    answer = await wallet.send("/credential", token, encrypt_request(request, encryption))
    assert (answer.status_code, answer.headers["content-type"]) == (202, "application/jwt")
    waiting = parse_credential_response(decrypt_response(answer.content, key=WALLET_KEY, enc="A256GCM"))
    assert isinstance(waiting, DeferredIssuance)
    await client.post(f"/credential-sets/{waiting.transaction_id}/approve", headers=OFFICER)
    later = EncryptionKey.generate()
    again = create_deferred_credential_request(waiting.transaction_id, response_key=later, response_enc="A128GCM")
    answer = await wallet.send("/deferred_credential", token, encrypt_request(again, encryption))
    found = parse_credential_response(decrypt_response(answer.content, key=later, enc="A128GCM"))
    assert isinstance(found, IssuedCredentials)


async def test_errors_are_never_encrypted(client: httpx.AsyncClient, people: dict[str, str], wallet: Wallet) -> None:
    encryption, token = await to_issuer(client), await wallet.authorized(people["A1"])
    to_stranger = RequestEncryption(EncryptionKey.generate().to_jwk(), "A128GCM", False)
    good = create_credential_request(COVERAGE, proofs=[await wallet.proof()], response_key=WALLET_KEY)
    bad_key = {"jwk": WALLET_KEY.to_jwk() | {"alg": "dir"}, "enc": "A128GCM"}
    bad = good | {"credential_response_encryption": bad_key}
    cases: list[tuple[Any, str]] = [
        (encrypt_request(good | {"proofs": {}}, encryption), "invalid_proof"),
        (encrypt_request(bad, encryption), "invalid_encryption_parameters"),
        (bad, "invalid_encryption_parameters"),
        (encrypt_request(good, to_stranger), "invalid_encryption_parameters"),
        ("{}", "invalid_encryption_parameters"),
        ("", "invalid_encryption_parameters"),
        (encrypt_request({}, encryption), "invalid_credential_request"),
    ]
    for path in ("/credential", "/deferred_credential"):
        for body, expected in cases[2 if path == "/credential" else 3 :]:
            answer = await wallet.send(path, token, body)
            assert (answer.status_code, answer.headers["content-type"]) == (400, "application/json")
            assert answer.json()["error"] == expected
    for body, expected in cases[:2]:
        answer = await wallet.send("/credential", token, body)
        assert (answer.status_code, answer.json()["error"]) == (400, expected)
    text = await client.post(
        "/credential", content=b"{}", headers={"Authorization": f"Bearer {token}", "Content-Type": "text/plain"}
    )
    assert text.json()["error"] == "invalid_credential_request"


def test_keys_in_files_and_their_rotation(settings: IssuerSettings, tmp_path: Path) -> None:
    paths, kids = [], []
    for number in range(2):
        signer = P256Signer.generate()
        paths.append(tmp_path / f"encryption-{number}.pem")
        paths[-1].write_bytes(signer_to_pem(signer))
        kids.append(signer.public_key.thumbprint())
    keys = load_encryption_keys(settings.model_copy(update={"encryption_keys": tuple(paths)}))
    assert list(keys) == kids
    assert len(load_encryption_keys(settings)) == 1
    assert load_encryption_keys(settings.model_copy(update={"profile": "production"})) == {}
    (tmp_path / "bad.pem").write_bytes(signer_to_pem(Ed25519Signer.generate()))
    bad = settings.model_copy(update={"encryption_keys": (tmp_path / "bad.pem", tmp_path / "missing.pem")})
    with pytest.raises(SettingsError) as refused:
        load_encryption_keys(bad)
    assert len(refused.value.problems) == 2
