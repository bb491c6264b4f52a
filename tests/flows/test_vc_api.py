"""What the VC API signs is worth nothing at a desk, whatever it calls itself."""

from __future__ import annotations

import secrets
from pathlib import Path

from sabai.services import Place, running_services
from tests.support.issuing import COVERAGE_CLAIMS
from vc_core.clock import system_clock
from vc_core.credential_types.insurance_coverage import INSURANCE_COVERAGE
from vc_core.crypto.keys import P256Signer
from vc_core.did.key import did_key_method
from vc_core.encoding import compact_json, parse_json_object
from vc_core.formats.ldp_vc import create_ldp_vc, create_ldp_vp


def _coverage(holder: P256Signer, now: int) -> dict[str, object]:
    """A coverage just as the payer would issue it, before it is signed."""
    stranger = P256Signer.generate()
    signed = create_ldp_vc(
        INSURANCE_COVERAGE,
        COVERAGE_CLAIMS,
        verification_method=did_key_method(stranger.public_key),
        signer=stranger,
        issued_at=now - 60,
        expires_at=now + 3600,
        status=(),
        holder_key=holder.public_key,
        randomness=secrets.token_bytes,
    )
    return {name: value for name, value in parse_json_object(signed).items() if name not in ("issuer", "proof")}


async def test_a_coverage_from_the_vc_api_is_refused_at_the_desk(tmp_path: Path) -> None:
    holder = P256Signer.generate()
    async with running_services(Place(tmp_path, ports=(0, 0, 0)), system_clock) as services:
        now = system_clock()
        body = {
            "credential": _coverage(holder, now),
            "options": {"cryptosuite": "ecdsa-rdfc-2019", "credentialStatus": True},
        }
        response = await services.http.post_json(services.urls["issuer"] + "/vc-api/credentials/issue", body)
        assert response.status == 201, response.body
        credential = response.json_object()["verifiableCredential"]
        verified = await services.http.post_json(
            services.urls["verifier"] + "/vc-api/credentials/verify", {"verifiableCredential": credential}
        )
        finding = verified.json_object()["result"]["issuer"]
        assert (finding["registered"], finding["accreditedFor"]) == (True, [])

        shown = create_ldp_vp(
            compact_json(credential).decode("utf-8"),
            holder=holder,
            presented_at=now,
            audience=services.urls["verifier"],
            nonce=None,
        )
        verdict = await services.http.post_json(services.urls["verifier"] + "/checks", {"qr": shown})
        assert verdict.json_object()["code"] == "UNTRUSTED_ISSUER"
