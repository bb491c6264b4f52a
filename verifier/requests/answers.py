"""An answer to a request: each presentation through the one procedure, and one verdict on all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from vc_core.dcql_candidates import read_presented
from vc_core.errors import ReasonCode, Rejection
from vc_core.protocols.dcql.answer import verify_answer
from vc_core.protocols.dcql.selection import Candidate
from vc_core.verification import Policy
from verifier.checks.examination import Examined, Examiner
from verifier.checks.schemas import Ages, Person, Verdict
from verifier.requests.composition import AskedRequest
from verifier.requests.policies import AskedCredential

_OTHER_PERSON = "The credentials are not all of one person."


@dataclass(frozen=True)
class ExaminedPresentation:
    """A presentation by the credential query that it answers, and what came of it."""

    query_id: str
    text: str
    examined: Examined


class AnswerExaminer:
    """Examines answers for one hospital."""

    def __init__(self, examiner: Examiner, *, hospital_code: str) -> None:
        self._examiner = examiner
        self._hospital_code = hospital_code

    async def examine(
        self,
        vp_token: Mapping[str, tuple[str, ...]],
        asked_request: AskedRequest,
        asked: Mapping[str, AskedCredential],
        *,
        audiences: frozenset[str],
        now: int,
    ) -> tuple[ExaminedPresentation, ...]:
        """What came of each presentation. Raises `Rejection` where they are not what the query asked for.

        One that signs something is kept as it came, so it must not disclose more than was asked for either.
        """
        presented = {query_id: [read_presented(text) for text in texts] for query_id, texts in vp_token.items()}
        verify_answer(asked_request.query, presented)
        if len({asked[query_id].id for query_id in vp_token}) != len(vp_token):
            raise Rejection(ReasonCode.MALFORMED, "The answer holds a credential in more than one format.")
        found = []
        for query_id, texts in vp_token.items():
            signed = _signed_hashes(asked_request, query_id)
            asked_names = _names(asked_request, query_id)
            if signed:
                withheld = asked[query_id].credential_type.disclosable() - asked_names
                _check_shows_no_more(presented[query_id], withheld)
            policy = Policy(
                accepted_types=frozenset({asked[query_id].credential_type.vct}),
                audiences=audiences,
                expected_nonce=asked_request.nonce,
                transaction_data_hashes=signed,
                hospital_code=self._hospital_code,
            )
            needed = asked[query_id].needed & asked_names
            for text in texts:
                examined = await self._examiner.examine(text, policy=policy, now=now, needed=needed)
                found.append(ExaminedPresentation(query_id, text, examined))
        return tuple(found)


def _check_shows_no_more(presented: Sequence[Candidate], withheld: frozenset[str]) -> None:
    """The holder's signature is on the disclosures that came along: none can be taken away afterwards."""
    if any(not withheld.isdisjoint(each.claims) for each in presented):
        raise Rejection(ReasonCode.MALFORMED, "What is signed and kept must disclose no more than was asked for.")


def combine(verdicts: Sequence[Verdict]) -> Verdict:
    """One verdict on presentations that are to be of one person: the first refusal, else all that was shown."""
    refused = next((each for each in verdicts if each.verdict == "rejected"), None)
    if refused is not None:
        return refused
    first, persons = verdicts[0], [each.person for each in verdicts if each.person is not None]
    if len({each.health_id for each in persons}) > 1:
        return Verdict(
            verdict="rejected",
            code=ReasonCode.HOLDER_KEY,
            sentence=_OTHER_PERSON,
            checked_at=first.checked_at,
            ages=_oldest(verdicts),
            credential_type=first.credential_type,
        )
    main = next((each for each in verdicts if each.coverage is not None), first)
    return replace(main, ages=_oldest(verdicts), person=_one_person(persons))


def create_result(presentations: Sequence[tuple[str, Verdict]]) -> dict[str, Any]:
    """What is kept of an answer, as JSON: the verdict on all, and that on each. A refusal tells nothing of a person.

    A portrait is in none of them.
    """
    whole = _without_portrait(combine([verdict for _, verdict in presentations]))
    shown = [
        (query_id, _without_portrait(each) if whole.verdict == "accepted" else _bare(each))
        for query_id, each in presentations
    ]
    return {
        "verdict": asdict(whole),
        "presentations": [{"credential_query_id": query_id, **asdict(each)} for query_id, each in shown],
    }


def _without_portrait(verdict: Verdict) -> Verdict:
    return verdict if verdict.person is None else replace(verdict, person=replace(verdict.person, portrait=None))


def _bare(verdict: Verdict) -> Verdict:
    return replace(verdict, issuer=None, person=None, coverage=None, claims=[], assurance=None)


def _one_person(persons: Sequence[Person]) -> Person:
    def known(name: str) -> Any:
        return next((value for each in persons if (value := getattr(each, name)) is not None), None)

    return Person(
        health_id=known("health_id"),
        name=known("name"),
        name_latin=known("name_latin"),
        birth_year=known("birth_year"),
        portrait=known("portrait"),
    )


def _oldest(verdicts: Sequence[Verdict]) -> Ages:
    def oldest(name: str) -> int | None:
        return max((age for each in verdicts if (age := getattr(each.ages, name)) is not None), default=None)

    return Ages(oldest("registry_seconds"), oldest("trust_seconds"), oldest("status_seconds"))


def _names(asked: AskedRequest, query_id: str) -> frozenset[str]:
    """The claims that this query asked for: of what its policy may ask, the registry may have let it ask less."""
    query = asked.query.credential(query_id)
    return frozenset(str(each.path[-1]) for each in query.claims) if query is not None else frozenset()


def _signed_hashes(asked: AskedRequest, query_id: str) -> frozenset[str]:
    """What the presentation for this query is to sign: our transaction data names exactly one query each."""
    return frozenset(each.sha_256 for each in asked.transaction_data if query_id in each.credential_ids)
