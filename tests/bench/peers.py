"""Other implementations in the same run, round by round with ours, over the same bytes.

Those in Python run in this process, those on Node and didkit in their own and time themselves. Whoever is not installed
here is left out of its table. Status lists and keys are at hand for all of them; sd-jwt, didkit and PyLD check less
than we do (no status, no times, no issuer), and what they say counts in full all the same.
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from nacl.signing import SigningKey, VerifyKey

from tests.bench import python_peers
from tests.bench.data_integrity import CoverageIssuer
from tests.bench.in_process import finish, full_verification, raw2
from tests.bench.ratios import Measured, compare, timed
from tests.bench.twelve_claims import SAMPLE
from tests.bench.world import DESK, LIST_SIZE, NONCE, NOW, STATUS, World, create_world
from tests.support.credential_peers import FOLDER, Peer, running_program
from tests.support.node import NODE, install_packages
from vc_core.crypto.keys import Ed25519Signer, PublicKey
from vc_core.did.document import DidDocument, VerificationMethod
from vc_core.did.multibase import multibase_encode
from vc_core.did.resolution import DidResolution, ResolutionOptions
from vc_core.did.resolver import DidResolver
from vc_core.encoding import base64url_decode, base64url_encode, parse_json_object
from vc_core.formats.data_integrity import Cryptosuite, verify_credential_document
from vc_core.formats.data_integrity.contexts import CONTEXTS
from vc_core.formats.vcdm import parse_credential_document

ROUNDS = 15
BLOCK_SECONDS = 0.04
"""For a peer in another process; the first block, not counted, is ten times as long and warms it up."""

Rates = Mapping[str, Callable[[], float]]


def measure_peers() -> str:
    """All the tables, as Markdown."""
    with ExitStack() as running:
        sd_jwt = _node(running, FOLDER, "sd_jwt")
        credo = _node(running, FOLDER / "credo", "credo")
        data_integrity = _node(running, FOLDER, "data_integrity")
        didkit = _didkit(running)
        presented, documents = _SdJwt(create_world()), _Documents()
        tables = {
            "SD-JWT VC, 12 disclosures: verification": presented.verifications(sd_jwt, credo),
            "SD-JWT VC, 12 disclosures: issuance": presented.issuances(sd_jwt),
            "eddsa-rdfc-2022: verification": documents.verifications(data_integrity, didkit),
            "eddsa-jcs-2022: verification": documents.verifications_by_text(),
            "eddsa-rdfc-2022: issuance": documents.issuances(data_integrity),
        }
        measured = {title: compare(rates, rounds=ROUNDS) for title, rates in tables.items()}
    return "\n\n".join(_table(title, rows) for title, rows in measured.items())


def _table(title: str, measured: Mapping[str, Measured]) -> str:
    """The first row is the primitive, the second ours."""
    _, ours, *others = measured.values()
    against = ["", "", *(f"{ours.share / other.share:.1f}" for other in others)]
    rows = [
        f"| {name} | {each.per_second:,.0f} | {each.share:.1%} | {ratio} |"
        for (name, each), ratio in zip(measured.items(), against, strict=True)
    ]
    head = ["| what | per second | share | ours ÷ it |", "|---|---:|---:|---:|"]
    return "\n".join([f"### Beside others: {title}", "", *head, *rows])


class _SdJwt:
    """An SD-JWT VC of twelve disclosures, shown with key binding: the bytes that all verify."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._presented = world.present_sd_jwt()
        self._issuer = dict(world.issuer.public_key.to_jwk())
        self._private = self._issuer | {"d": base64url_encode(world.issuer.to_bytes())}
        payload = parse_json_object(base64url_decode(self._presented.split(".")[1]))
        self._shown = {name: value for name, value in payload.items() if not name.startswith("_sd")}

    def verifications(self, sd_jwt: Peer | None, credo: Peer | None) -> Rates:
        """Everything about one presentation, status and trust included."""
        asked: dict[str, Any] = {"audience": DESK, "nonce": NONCE}
        rates = {
            "two P-256 verifications (raw2)": timed(raw2()),
            "Sabai": timed(full_verification(self._world, self._presented, self._world.challenge)),
            "openvc-core": timed(
                python_peers.openvc_verifies_sd_jwt(
                    self._presented, issuer=self._issuer, now=NOW, statuses=bytes(LIST_SIZE // 4), **asked
                )
            ),
            "sd-jwt": timed(python_peers.sd_jwt_verifies(self._presented, issuer=self._issuer, **asked)),
        }
        terms = {"presentation": self._presented, "now": NOW, "statuses": [0] * (STATUS.index + 1), **asked}
        keys = {self._world.verification_method: self._issuer}
        document = _did_document(self._world.verification_method, self._issuer)
        rates |= _asking("@sd-jwt/sd-jwt-vc (Node)", sd_jwt, "bench_verify", terms | {"keys": keys})
        return rates | _asking("@credo-ts/core (Node)", credo, "bench_verify", terms | {"did_document": document})

    def issuances(self, sd_jwt: Peer | None) -> Rates:
        """A credential with twelve fresh salts."""
        issuer, method = self._private, self._world.verification_method
        given: dict[str, Any] = {"shown": self._shown, "issuer": issuer, "holder": self._shown["cnf"]["jwk"]}
        raw_key, algorithm = ec.generate_private_key(ec.SECP256R1()), ec.ECDSA(hashes.SHA256())
        rates = {
            "one P-256 signature (raw)": timed(lambda: raw_key.sign(bytes(400), algorithm)),
            "Sabai": timed(self._world.issue_sd_jwt),
            "openvc-core": timed(python_peers.openvc_issues_sd_jwt(SAMPLE, method=method, **given)),
            "sd-jwt": timed(python_peers.sd_jwt_issues(SAMPLE, **given)),
        }
        terms = {
            "payload": {**self._shown, **SAMPLE},
            "disclosable": {"_sd": list(SAMPLE)},
            "header": {"kid": method},
            "issuer": issuer,
        }
        return rates | _asking("@sd-jwt/sd-jwt-vc (Node)", sd_jwt, "bench_issue", terms)


def _did_document(method: str, jwk: Mapping[str, str]) -> dict[str, Any]:
    did = method.partition("#")[0]
    key = {"id": method, "type": "JsonWebKey2020", "controller": did, "publicKeyJwk": jwk}
    contexts = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/suites/jws-2020/v1"]
    return {"@context": contexts, "id": did, "verificationMethod": [key], "assertionMethod": [method]}


class _Documents:
    """A coverage as `ldp_vc` with its status, signed with Ed25519: the bytes that all verify."""

    def __init__(self) -> None:
        self._seed = secrets.token_bytes(32)
        signer = Ed25519Signer(self._seed)
        self._key, self._issuer = signer.public_key, CoverageIssuer(signer)
        self._method = self._issuer.verification_method
        self._contexts = {url: {"@context": context} for url, context in CONTEXTS.items()}

    def verifications(self, peer: Peer | None, didkit: Peer | None) -> Rates:
        """Of the meaning: RDF canonicalisation."""
        text = self._issuer.issue(Cryptosuite.EDDSA_RDFC_2022)
        document = parse_json_object(text)
        pyld = python_peers.pyld_verifies(document, key=self._key.raw, contexts=self._contexts)
        rates = self._verifications(text, document) | {"PyLD and PyNaCl": timed(pyld)}
        terms = {"credential": document, "documents": self._known_to_peers(), "now": _time(NOW)}
        rates |= _asking("@digitalbazaar/vc (Node)", peer, "bench_verify", terms)
        return rates | _asking("didkit (Ed25519Signature2020, VCDM 1.1)", didkit, "bench_verify", {})

    def verifications_by_text(self) -> Rates:
        """Of the text: canonical JSON."""
        text = self._issuer.issue(Cryptosuite.EDDSA_JCS_2022)
        return self._verifications(text, parse_json_object(text))

    def issuances(self, peer: Peer | None) -> Rates:
        """A proof over the meaning."""
        signed = parse_json_object(self._issuer.issue(Cryptosuite.EDDSA_RDFC_2022))
        unsigned = {name: value for name, value in signed.items() if name != "proof"}
        proof = {name: value for name, value in signed["proof"].items() if name != "proofValue"}
        key, contexts = SigningKey(self._seed), self._contexts
        private = {**self._key.to_jwk(), "d": base64url_encode(self._seed)}
        openvc = python_peers.openvc_issues(unsigned, seed=private, method=self._method, contexts=contexts)
        pyld = python_peers.pyld_issues(unsigned, proof=proof, seed=self._seed, contexts=contexts)
        rates = {
            "one Ed25519 signature (raw)": timed(lambda: key.sign(bytes(64))),
            "Sabai": timed(lambda: self._issuer.issue(Cryptosuite.EDDSA_RDFC_2022)),
            "openvc-core": timed(openvc),
            "PyLD and PyNaCl": timed(pyld),
        }
        terms = {
            "credential": unsigned,
            "cryptosuite": Cryptosuite.EDDSA_RDFC_2022,
            "key": self._multikey() | {"secretKeyMultibase": multibase_encode(b"\x80\x26" + self._seed)},
            "created": NOW * 1000,
            "documents": self._known_to_peers(),
            "now": _time(NOW),
        }
        return rates | _asking("@digitalbazaar/vc (Node)", peer, "bench_issue", terms)

    def _verifications(self, text: str, document: dict[str, Any]) -> dict[str, Callable[[], float]]:
        key, signature = VerifyKey(self._key.raw), SigningKey(self._seed).sign(bytes(64)).signature
        openvc = python_peers.openvc_verifies(document, issuer=self._key.to_jwk(), now=NOW, contexts=self._contexts)
        return {
            "one Ed25519 verification (raw)": timed(lambda: key.verify(bytes(64), signature)),
            "Sabai, a desk": timed(self._issuer.verification(text)),
            "Sabai, the VC API's way for any credential": timed(self._any_credential(document)),
            "openvc-core": timed(openvc),
        }

    def _any_credential(self, document: dict[str, Any]) -> Callable[[], None]:
        resolver = DidResolver({"ethr": _Known(self._method, self._key)})

        def verify() -> None:
            credential = parse_credential_document(document)
            finish(verify_credential_document(credential, resolver, now=NOW))
            credential.check_validity(now=NOW, clock_tolerance=30)

        return verify

    def _multikey(self) -> dict[str, Any]:
        return {
            "@context": "https://w3id.org/security/multikey/v1",
            "id": self._method,
            "type": "Multikey",
            "controller": self._method.partition("#")[0],
            "publicKeyMultibase": multibase_encode(self._key.to_multikey()),
        }

    def _known_to_peers(self) -> dict[str, Any]:
        context = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
        did = self._method.partition("#")[0]
        document = {"@context": context, "id": did, "verificationMethod": [self._multikey()]}
        return self._contexts | {self._method: self._multikey(), did: document | {"assertionMethod": [self._method]}}


class _Known:
    """A DID method that has one document at hand."""

    def __init__(self, method: str, key: PublicKey) -> None:
        described = (VerificationMethod.of_key(method, key),)
        self._document = DidDocument(method.partition("#")[0], described, assertion_method=(method,))

    async def resolve(self, did: str, options: ResolutionOptions) -> DidResolution:
        """See `DidMethod`."""
        return DidResolution(self._document)


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _node(running: ExitStack, folder: Path, script: str) -> Peer | None:
    """A script on Node, if npm can install what it needs."""
    if install_packages(folder) is None:
        return None
    return running.enter_context(running_program(NODE, str(folder / f"{script}.mjs")))


def _didkit(running: ExitStack) -> Peer | None:
    if find_spec("didkit") is None:
        return None
    return running.enter_context(running_program(sys.executable, "-m", "tests.bench.didkit_peer"))


def _asking(name: str, peer: Peer | None, method: str, terms: Mapping[str, Any]) -> dict[str, Callable[[], float]]:
    """One row of a table, or none where the peer is not there."""
    if peer is None:
        return {}
    peer.ask(method, **terms, seconds=10 * BLOCK_SECONDS)
    return {name: lambda: float(peer.ask(method, **terms, seconds=BLOCK_SECONDS))}
