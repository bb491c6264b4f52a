/** A credential that was verified before it came into a vault. Times are in seconds since 1970. */
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
}

/** What an issuer's list said of a credential; `listIssuedAt` is the list's own time, against older ones after it. */
export interface CheckedStatus {
  status: "valid" | "suspended" | "revoked";
  checkedAt: number;
  listIssuedAt: number;
}
