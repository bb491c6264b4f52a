/** What an authorization server sends the browser back with (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207). */

export type AuthorizationResponse = { state: string; iss: string } & ({ code: string } | { error: string });

/**
 * The response in a query, null where it is none. Of a member that is there twice, another reader may take the other one: such a
 * response is nobody's, and so is one without a state.
 */
export function readAuthorizationResponse(query: string): AuthorizationResponse | null {
  const fields = new URLSearchParams(query);
  if (!fields.has("code") && !fields.has("error")) return null;
  const only = (name: string) => (fields.getAll(name).length === 1 ? (fields.get(name) ?? "") : "");
  const from = { state: only("state"), iss: only("iss") };
  return fields.has("error") ? { ...from, error: only("error") } : { ...from, code: only("code") };
}
