"""The process that didkit runs in: an answer counts once it is there, whatever becomes of the process."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from tests.support.legacy import legacy_credential_claims, legacy_document, legacy_jwt, needs_didkit
from verifier.legacy.process import DidkitFailed, DidkitProcess

GOOD = {"checks": ["proof"], "errors": []}
CRASH = "os.kill(os.getpid(), signal.SIGSEGV)"


def _stand_in(tmp_path: Path, *, first: str, later: str | None = None, answer_seconds: float = 30.0) -> DidkitProcess:
    """A process that does `first` with a question the first time that it is started, and `later` from then on."""
    started = tmp_path / "started"
    script = "\n".join(
        [
            "import json, os, pathlib, signal, sys, time",
            f"started = pathlib.Path({str(started)!r})",
            "again = started.exists()",
            "started.touch()",
            "def say(text):",
            "    os.write(1, text.encode())",
            "say('ready\\n')",
            "for line in sys.stdin:",
            "    if again:",
            f"        {later or first}",
            "    else:",
            f"        {first}",
        ]
    )
    return DidkitProcess(command=(sys.executable, "-c", script), start_seconds=120, answer_seconds=answer_seconds)


async def test_a_crash_after_the_answer_changes_nothing(tmp_path: Path) -> None:
    didkit = _stand_in(tmp_path, first=f"say({json.dumps(GOOD)!r} + '\\n'); {CRASH}")
    for _ in range(3):
        assert await didkit.ask("credential", "{}", {}) == GOOD
    await didkit.stop()


@pytest.mark.parametrize(
    "first",
    [
        CRASH,
        f"say({json.dumps(GOOD)[:-5]!r}); {CRASH}",
        f"say({json.dumps(GOOD)!r}); {CRASH}",
        "sys.exit(0)",
        "say('[]\\n')",
        "say('no JSON\\n')",
        "say('x' * 100_000 + '\\n')",
    ],
    ids=["crash", "half an answer", "no end of line", "end", "a list", "no JSON", "too long"],
)
async def test_without_an_answer_nothing_counts_and_the_next_question_gets_a_new_process(
    tmp_path: Path, first: str
) -> None:
    didkit = _stand_in(tmp_path, first=first, later=f"say({json.dumps(GOOD)!r} + '\\n')")
    with pytest.raises(DidkitFailed):
        await didkit.ask("credential", "{}", {})
    assert await didkit.ask("credential", "{}", {}) == GOOD
    await didkit.stop()


async def test_a_process_that_can_not_start() -> None:
    with pytest.raises(DidkitFailed):
        await DidkitProcess(command=("/nonexistent",)).ask("credential", "{}", {})
    with pytest.raises(DidkitFailed):
        await DidkitProcess(command=(sys.executable, "-c", "print('hello')")).ask("credential", "{}", {})


async def test_an_answer_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    didkit = _stand_in(tmp_path, first="time.sleep(600)", answer_seconds=0.1)
    with pytest.raises(DidkitFailed):
        await didkit.ask("credential", "{}", {})
    await didkit.stop()


async def test_a_caller_that_went_away_leaves_no_answer_for_the_next(tmp_path: Path) -> None:
    asked, go = tmp_path / "asked", tmp_path / "go"
    late = (
        f"pathlib.Path({str(asked)!r}).touch()\n        while not pathlib.Path({str(go)!r}).exists(): time.sleep(0.01)"
    )
    late += '\n        say(\'{"checks": ["of the first"]}\\n\')'
    didkit = _stand_in(tmp_path, first=late, later=f"say({json.dumps(GOOD)!r} + '\\n')")
    first = asyncio.create_task(didkit.ask("credential", "{}", {}))
    while not asked.exists():
        await asyncio.sleep(0.01)
    first.cancel()
    go.touch()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await didkit.ask("credential", "{}", {}) == GOOD
    await didkit.stop()


@needs_didkit
async def test_many_questions_at_once() -> None:
    didkit = DidkitProcess(start_seconds=120, answer_seconds=60)
    good, forged = legacy_document("ed25519-2020"), legacy_document("ed25519-2020")
    forged["credentialSubject"]["givenName"] = "Mallory"
    questions = [json.dumps(good if number % 2 else forged) for number in range(20)]
    answers = await asyncio.gather(*(didkit.ask("credential", text, {}) for text in questions))
    await didkit.stop()
    assert [not answer["errors"] for answer in answers] == [bool(number % 2) for number in range(20)]


@needs_didkit
async def test_didkit_asks_nobody() -> None:
    """It would fetch a did:web; the process can't open a connection. Our parser refuses such DIDs before."""
    asked = asyncio.Event()
    server = await asyncio.start_server(lambda _reader, _writer: asked.set(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    did = f"did:web:127.0.0.1%3A{port}"
    didkit = DidkitProcess(start_seconds=120, answer_seconds=60)
    answer = await didkit.ask(
        "credential", legacy_jwt(legacy_credential_claims(iss=did), kid=f"{did}#key"), {"proofFormat": "jwt"}
    )
    await didkit.stop()
    server.close()
    assert answer["errors"]
    assert not asked.is_set()
