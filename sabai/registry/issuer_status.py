"""An operator's work with an issuer's status lists: publishing all, checking one against its anchor."""

from __future__ import annotations

from dataclasses import dataclass

from sabai.registry.access import OpenRegistry
from sabai.registry.reading import RegistryReading
from vc_core.encoding import EncodingError, parse_json_object
from vc_core.errors import FetchFailed, InvalidRequest, LedgerError, WrongChain
from vc_core.http import HttpClient, HttpResponse
from vc_core.ledger.events import Anchored, log_id
from vc_core.ledger.proven_entry import ProvenEntry, parse_proven_entry
from vc_core.status import SignedStatusList, StatusLists
from vc_core.status_log import PublishedVersion, parse_published_version, sha256_of

_MEMBERS = ("status_lists", "bitstring_status_lists", "bitstring_status_list_jwts")


@dataclass(frozen=True)
class ProvenVersion:
    """A version of a status list that is signed by its issuer and under a root on the ledger."""

    published: PublishedVersion
    signed: SignedStatusList
    anchored: Anchored
    log: str


class IssuerStatus:
    """An issuer's service, as anybody may ask it."""

    def __init__(self, http: HttpClient, url: str) -> None:
        self._http = http
        self._url = url

    async def addresses(self) -> list[str]:
        """Where all lists are, in all their forms. Raises `FetchFailed`."""
        told = _require_ok(await self._http.get(self._url + "/status")).json_object()
        found = [uri for name in _MEMBERS for uri in told.get(name, [])]
        if not all(isinstance(uri, str) for uri in found):
            raise FetchFailed("the issuer does not say where its status lists are")
        return found

    async def publish(self, address: str) -> int:
        """Has the newest version signed, if it is due; returns its bytes. Raises `FetchFailed`."""
        return len(_require_ok(await self._http.get(address, accept="*/*")).body)


async def prove_version(
    http: HttpClient, address: str, kept: bytes | None, opened: OpenRegistry, reading: RegistryReading
) -> ProvenVersion:
    """Checks the version at an address of its own, or the copy of it that was `kept`, against its anchor.

    Raises `LedgerError` where it is not what was anchored, `Rejection` where its issuer did not sign it, `FetchError`.
    """
    signed = kept if kept is not None else _require_ok(await http.get(address, accept="*/*")).body
    proven = await _load_proof(http, address + "/proof")
    if proven.chain_id != opened.known.chain_id or proven.contract != "0x" + opened.known.addresses.anchors.hex():
        raise WrongChain("the proof is of another chain, or of another contract")
    anchored, inclusion = proven.verify(reading.state.anchors(log_id(proven.log).hex()))
    try:
        published, text = parse_published_version(inclusion.entry), signed.decode("ascii").strip()
    except ValueError as cause:
        raise InvalidRequest("This is not a version of a status list.") from cause
    if published.uri != address or published.sha256 != sha256_of(text.encode("ascii")):
        raise LedgerError("this is not the version that was anchored")
    uri, at = address.rpartition("/")[0], published.issued_at
    taken = await StatusLists(http).take(uri, text, trust=reading.trust, now=at)
    if taken is None or taken.list.issued_at != at:
        raise LedgerError("the version was signed at another time than the log says")
    return ProvenVersion(published, taken, anchored, proven.log)


async def _load_proof(http: HttpClient, address: str) -> ProvenEntry:
    answer = await http.get(address)
    if answer.status == 404:
        raise InvalidRequest("The issuer has no proof for this version: it is not on the ledger yet.")
    try:
        return parse_proven_entry(parse_json_object(_require_ok(answer).body))
    except (EncodingError, ValueError) as cause:
        raise FetchFailed("the answer is not a proof") from cause


def _require_ok(answer: HttpResponse) -> HttpResponse:
    if answer.status != 200:
        raise FetchFailed(f"the issuer answered {answer.status}")
    return answer
