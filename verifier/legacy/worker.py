"""The process that didkit runs in: `python -m verifier.legacy.worker`, the only place that imports it.

It reads one question a line (JSON) and writes one answer a line. didkit is native code that reads what strangers wrote,
fetches the documents of DID methods that name a web site, and crashes the interpreter that ends shortly after a call.
So the process has little memory, can open nothing more (no file, no connection) once it is ready, and ends without
letting the interpreter tidy up.

    question  {"kind": "credential" | "presentation", "text": "…", "options": {…}}
    answer    {"checks": ["proof" | "JWS"], "errors": ["…"]}
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from typing import Any

import didkit

READY = b"ready\n"
_MEMORY_BYTES = 2 * 1024**3  # of addresses: the threads' stacks take most of them, without using them


def main() -> None:
    """Answers until there are no more questions."""
    with asyncio.Runner() as runner:
        runner.run(_answer({"kind": "credential", "text": "{}", "options": {}}))  # opens what didkit opens once
        _lock_down()
        sys.stdout.buffer.write(READY)
        sys.stdout.buffer.flush()
        for line in sys.stdin.buffer:
            answer = runner.run(_answer(json.loads(line)))
            sys.stdout.buffer.write(json.dumps(answer).encode("ascii") + b"\n")
            sys.stdout.buffer.flush()
        os._exit(0)


async def _answer(question: dict[str, Any]) -> dict[str, Any]:
    verify = didkit.verify_presentation if question["kind"] == "presentation" else didkit.verify_credential
    try:
        result = json.loads(await verify(question["text"], json.dumps(question["options"])))
    except Exception as refusal:  # it raises ValueError where it can't read the text, and classes of its own
        return {"checks": [], "errors": [type(refusal).__name__]}
    return {"checks": result["checks"], "errors": result["errors"]}


def _lock_down() -> None:
    """From here on no file and no connection can be opened."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


if __name__ == "__main__":
    main()
