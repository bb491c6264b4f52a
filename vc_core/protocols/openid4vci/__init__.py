"""OpenID for Verifiable Credential Issuance 1.0: messages and pure checks, no I/O.

    issuer ── offer (QR) ──▶ wallet ── code ──▶ token ── c_nonce, proof ──▶ credential

Errors are `ProtocolError`: codes of section 8.3.1.2 for what a wallet sent, `invalid_request` for an offer that a
wallet can't use, `server_error` for an issuer's answer that is not of the specification's form.
"""
