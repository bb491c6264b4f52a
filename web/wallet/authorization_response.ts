/** What an authorization server sends the browser back with (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207). */

export type AuthorizationResponse = { state: string; iss: string } & ({ code: string } | { error: string });

/**
 * The response in a query, null where it is none. Of a member that is there twice, another reader may take the other one: such a
 * response has no state, and is nobody's.
 */
export function readAuthorizationResponse(query: string): AuthorizationResponse | null {
  const fields = new URLSearchParams(query);
  const kind = ["error", "code"].find((name) => fields.has(name));
  if (kind === undefined) return null;
  const only = (name: string) => (fields.getAll(name).length === 1 ? (fields.get(name) ?? "") : "");
  const value = only(kind);
  const from = { state: value === "" ? "" : only("state"), iss: only("iss") };
  return kind === "error" ? { ...from, error: value } : { ...from, code: value };
}
