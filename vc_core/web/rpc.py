"""The embedded chain's JSON-RPC on a port, for other processes and for resolvers that are not ours.

A page of another origin can't ask it: only `application/json` is taken, which a browser does not send across origins
without asking first, and that question is not answered. Who can reach the port can read the chain, which is public, and
send transactions, which are signed.
"""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from vc_core.ledger.embedded import EmbeddedLedger
from vc_core.ledger.rpc_server import handle_json_rpc
from vc_core.web.limits import BodyLimit
from vc_core.web.problem import install_error_handlers

MAX_REQUEST_BYTES = 1024 * 1024


def create_rpc_app(ledger: EmbeddedLedger) -> FastAPI:
    """An application that answers JSON-RPC at `/`."""
    app = FastAPI(title="Sabai embedded chain", openapi_url=None)
    app.add_middleware(BodyLimit, max_bytes=MAX_REQUEST_BYTES)
    install_error_handlers(app)

    @app.post("/")
    async def answer(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return Response(status_code=415)
        return Response(await handle_json_rpc(ledger, await request.body()), media_type="application/json")

    return app
