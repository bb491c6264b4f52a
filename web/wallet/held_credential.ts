import type { HolderKey } from "./holder_keys";

/** A credential that was verified before it came into a vault, unless it says otherwise. Times are in seconds since 1970. */
export interface HeldCredential {
  id: string;
  format: "dc+sd-jwt" | "qr_pass";
  vct: string;
  /** As issued: an SD-JWT VC, or a QR pass in base64url. */
  credential: string;
  /** The row of the holder's key in the database. */
  keyId: string;
  /** The same key, for a backup: credentials are sealed wherever they are kept. */
  privateJwk: JsonWebKey;
  issuer: string;
  issuerName: string;
  claims: Record<string, string | number>;
  issuedAt: number;
  expiresAt: number;
  /** The copies of one credential, each with a key of its own, have this in common; missing where there is one only. */
  set?: string;
  /** When a copy was first shown, in seconds since 1970; missing where nobody has seen it. */
  usedAt?: number;
  /** It came from a backup while nobody could be asked about its issuer: what it says is the backup's word alone. */
  unverified?: true;
  source?: CredentialSource;
}

/** Where a credential came from, to ask there for more copies by a `Grant`, null where the issuer gave none. */
export interface CredentialSource {
  credentialIssuer: string;
  configurationId: string;
  grantId: string | null;
}

/** An issuer's leave to come back: a refresh token, good once, and when it was last asked. */
export interface Grant {
  credentialIssuer: string;
  refreshToken: string;
  askedAt: number;
  /** Where it came by an authorization code: as whom this wallet asked, and the server that it asked. */
  client?: AuthorizedClient;
}

export interface AuthorizedClient {
  clientId: string;
  /** The authorization server's identifier. */
  server: string;
}

/** What this wallet goes on with once its holder is back from the page of an authorization server. Good once. */
export interface Authorization extends AuthorizedClient {
  state: string;
  codeVerifier: string;
  redirectUri: string;
  /** The link of the offer that it is for; one that the wallet wrote to itself where nobody offered anything. */
  offer: string;
  credentialIssuer: string;
  configurationIds: string[];
  /** What the page has answered; null until then. */
  code: string | null;
  /** In seconds since 1970. */
  expiresAt: number;
}

/** What an issuer gave its leave for and that is not here yet: it is asked for again, by the same token and for the same keys. */
export interface PendingCredential {
  id: string;
  /** The link of the offer that it came by. */
  offer?: string;
  source: CredentialSource;
  format: HeldCredential["format"];
  vct: string;
  /** What it is asked for by where somebody there has to approve it first; null until the issuer has answered. */
  transactionId: string | null;
  keys: HolderKey[];
  accessToken: string;
  /** What the token calls it, where it came with such names: the request must have this in place of the configuration. */
  credentialIdentifier?: string;
  askFrom: number;
  state: "waiting" | "refused";
}

/** What an issuer's list said of a credential; `listIssuedAt` is the list's own time, against older ones after it. */
export interface CheckedStatus {
  status: "valid" | "suspended" | "revoked";
  checkedAt: number;
  listIssuedAt: number;
}
