"""The one error tree of Sabai. Every error has a stable `code` and a message that is safe to show to anyone.

    SabaiError
    ├── Rejection              a credential or presentation that must not be trusted; `code` is a `ReasonCode`
    ├── ProtocolError          an OAuth or OpenID4VCI error; `code` is the specification's own, verbatim
    ├── RequestError           what a caller of our own APIs got wrong
    │   ├── InvalidRequest     `invalid_request`
    │   │   └── TooLongForQrPass  `too_long_for_qr_pass`: what a credential would say; other formats have room for it
    │   ├── PayloadTooLarge    `payload_too_large`
    │   ├── UnsupportedMediaType  `unsupported_media_type`
    │   ├── Unauthenticated    `unauthenticated`
    │   │   └── StepUpNeeded   `insufficient_user_authentication`: the passkey is needed once more
    │   ├── NotFound           `not_found`: also what is someone else's
    │   ├── Forbidden          `forbidden`: the secret or the session that belongs to it is missing
    │   ├── NotAccredited      `not_accredited`: the registry does not let this organisation ask for it
    │   ├── Conflict           `conflict`
    │   └── TooManyRequests    `too_many_requests`: later again
    ├── LedgerError
    │   ├── LedgerLocked       `ledger_locked`: another process writes to this chain
    │   ├── LedgerUnavailable  `ledger_unavailable`
    │   ├── WrongChain         `wrong_chain`: the store or node is of another chain, or its contracts differ
    │   └── TransactionFailed  `transaction_failed`: refused, or reverted with a reason
    ├── FetchError
    │   ├── FetchBlocked       `fetch_blocked`: an address that we never ask
    │   └── FetchFailed        `fetch_failed`: no answer, a bad one, or one too large (`FetchTooLarge`)
    ├── SignerUnavailable      `signer_unavailable`: the token or service that holds a key does not sign
    ├── TrustBundleRefused     `trust_bundle_refused`: not ours, changed, older than before, or of another history
    ├── WalletError
    │   ├── WalletExists       `wallet_exists`
    │   ├── WalletLocked       `wallet_locked`: wrong passphrase or a changed store: the two can't be told apart
    │   ├── WalletDamaged      `wallet_damaged`: not a wallet file at all
    │   ├── WalletBusy         `wallet_busy`: another program has it open
    │   ├── NoSuchCredential   `no_such_credential`
    │   └── ServiceRefused     `service_refused`: an issuer or backend said no; its code is in the message
    └── SettingsError          `settings`: what keeps a service from starting, all of it at once

No error knows an HTTP status: `vc_core.web.problem` maps them. Causes are chained, never shown.
"""

from enum import StrEnum


class ReasonCode(StrEnum):
    """Why a presentation was accepted or refused: exactly one in every verdict, explained in docs/errors.md."""

    OK = "OK"
    NOT_A_CREDENTIAL = "NOT_A_CREDENTIAL"
    MALFORMED = "MALFORMED"
    TOO_LARGE = "TOO_LARGE"
    UNKNOWN_ISSUER = "UNKNOWN_ISSUER"
    UNTRUSTED_ISSUER = "UNTRUSTED_ISSUER"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED_CREDENTIAL = "EXPIRED_CREDENTIAL"
    REVOKED = "REVOKED"
    SUSPENDED = "SUSPENDED"
    STATUS_UNAVAILABLE = "STATUS_UNAVAILABLE"
    HOLDER_KEY = "HOLDER_KEY"
    EXPIRED_PRESENTATION = "EXPIRED_PRESENTATION"
    CLOCK_SKEW = "CLOCK_SKEW"
    REPLAYED = "REPLAYED"
    WRONG_AUDIENCE = "WRONG_AUDIENCE"
    PIN_NEEDED = "PIN_NEEDED"
    WRONG_PIN = "WRONG_PIN"
    PIN_LOCKED = "PIN_LOCKED"
    STALE_TRUST = "STALE_TRUST"
    NOT_COVERED = "NOT_COVERED"
    COVERED_ELSEWHERE = "COVERED_ELSEWHERE"


class SabaiError(Exception):
    """Base of all: `code` is stable and machine-readable, `message` one plain sentence without personal data."""

    code: str = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Rejection(SabaiError):
    """A credential or presentation that must not be trusted, for exactly one reason (`code`, a `ReasonCode`)."""

    def __init__(self, code: ReasonCode, message: str) -> None:
        super().__init__(message)
        self.code: ReasonCode = code


class ProtocolError(SabaiError):
    """An error response of OAuth 2.0 (RFC 6749 section 5.2) or OpenID4VCI 1.0; `code` is the specification's.

    `nonce` is what the client's next proof has to contain (`use_dpop_nonce`, `use_attestation_challenge`). `scheme` is
    how the request of a protected resource has to be authenticated, `Bearer` or `DPoP`; None elsewhere.
    """

    def __init__(self, code: str, message: str, *, nonce: str | None = None, scheme: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.nonce = nonce
        self.scheme = scheme


class RequestError(SabaiError):
    """What a caller of our own APIs got wrong."""


class InvalidRequest(RequestError):
    """The request is not of the documented form."""

    code = "invalid_request"


class TooLongForQrPass(InvalidRequest):
    """What a credential would say is too long for a QR pass; in other formats it can be offered."""

    code = "too_long_for_qr_pass"


class PayloadTooLarge(RequestError):
    """The request's body is over the limit."""

    code = "payload_too_large"


class UnsupportedMediaType(RequestError):
    """The body is of another media type than the one that is taken."""

    code = "unsupported_media_type"


class Unauthenticated(RequestError):
    """No token, or one that is not valid."""

    code = "unauthenticated"


class StepUpNeeded(Unauthenticated):
    """Whoever asks is signed in, but for too long for this; the code is RFC 9470's."""

    code = "insufficient_user_authentication"


class NotFound(RequestError):
    """There is no such thing, or none that this caller may know of."""

    code = "not_found"


class Forbidden(RequestError):
    """Whoever asks has not what shows that they may."""

    code = "forbidden"


class NotAccredited(RequestError):
    """The registry does not let this organisation do what it was asked to."""

    code = "not_accredited"


class Conflict(RequestError):
    """The thing is no longer in the state that the request needs."""

    code = "conflict"


class TooManyRequests(RequestError):
    """There were enough of these for now; `retry_after` is in seconds."""

    code = "too_many_requests"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class LedgerError(SabaiError):
    """The ledger could not do what it was asked."""


class LedgerLocked(LedgerError):
    """Another process holds the embedded chain's file: it has one writer."""

    code = "ledger_locked"


class LedgerUnavailable(LedgerError):
    """The ledger does not answer."""

    code = "ledger_unavailable"


class WrongChain(LedgerError):
    """The chain id, or the contracts on it, are not the ones expected."""

    code = "wrong_chain"


class TransactionFailed(LedgerError):
    """A transaction was refused, or reverted; the message names the contract's reason."""

    code = "transaction_failed"


class FetchError(SabaiError):
    """An outgoing HTTP request did not bring what it was sent for."""


class FetchBlocked(FetchError):
    """The address is not one that we ask: not https, or not public."""

    code = "fetch_blocked"


class FetchFailed(FetchError):
    """No answer in time, not a success, the wrong type, or too large."""

    code = "fetch_failed"


class FetchTooLarge(FetchFailed):
    """The answer is larger than this client takes; asking for less may help."""


class SignerUnavailable(SabaiError):
    """The token or key service that holds a private key is away, or refuses; nothing was signed."""

    code = "signer_unavailable"


class TrustBundleRefused(SabaiError):
    """A trust bundle that must not be imported; the message says why."""

    code = "trust_bundle_refused"


class WalletError(SabaiError):
    """The wallet could not do what its holder asked."""


class WalletExists(WalletError):
    """There is already a wallet at this place."""

    code = "wallet_exists"


class WalletLocked(WalletError):
    """The passphrase is wrong or the file was changed: an authenticated cipher can't tell which."""

    code = "wallet_locked"


class WalletDamaged(WalletError):
    """The file is not a wallet or a backup of this version."""

    code = "wallet_damaged"


class WalletBusy(WalletError):
    """Another program has this wallet open."""

    code = "wallet_busy"


class NoSuchCredential(WalletError):
    """The wallet holds no credential of that name or type."""

    code = "no_such_credential"


class ServiceRefused(WalletError):
    """An issuer or the backend answered with an error; `refusal` is its stable code."""

    code = "service_refused"

    def __init__(self, refusal: str, message: str) -> None:
        super().__init__(message)
        self.refusal = refusal


class SettingsError(SabaiError):
    """What keeps a service from starting: `problems` has one sentence for each."""

    code = "settings"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
