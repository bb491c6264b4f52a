/** What officers ask the issuer, by the officer's token. */

export interface Person {
  person_id: string;
  person_ref: string;
  health_id: string;
  name: string;
  name_latin: string;
  birth_date: string;
  nationality: string;
  identifier_value: string;
  scheme: string;
  covered_from: string;
  covered_until: string;
  [column: string]: string;
}

export interface IssuedCredential {
  credential_type: string;
  format: string;
  status: Status;
  issued_at: number;
  expires_at: number;
}

export type Status = "valid" | "suspended" | "revoked";

export interface Offer {
  credential_offer_uri: string;
  tx_code: string;
  expires_at: number;
}

export interface ImportReport {
  imported: number;
  updated: number;
  unchanged: number;
  problems: LineNote[];
  warnings: LineNote[];
}

/** What is to be said of a line of a file; the header is line 1, `column` is null where it is the whole line. */
export interface LineNote {
  line: number;
  faults: { code: string; column: string | null }[];
}

/** A refusal: its stable code, and the issuer's own English sentence. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly sentence: string,
  ) {
    super(code);
  }
}

export interface Office {
  people(search: string, after: string): Promise<{ people: Person[]; next: string | null }>;
  issued(personId: string): Promise<IssuedCredential[]>;
  offer(personId: string, configurations: string[], claims: Record<string, Record<string, string>>): Promise<Offer>;
  changeStatus(personId: string, credentialType: string, status: Status): Promise<void>;
  importRoster(file: Blob, how: { dryRun: boolean }): Promise<ImportReport>;
}

/** The issuer, for who holds this token. Every call throws `Refused`, or `TypeError` where it can't be reached. */
export function officeOf(token: string): Office {
  async function ask<T>(method: string, path: string, body?: unknown, contentType = "application/json"): Promise<T> {
    const answer = await fetch(path, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...(body === undefined ? {} : { "Content-Type": contentType }) },
      ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
    });
    if (answer.ok) return (await answer.json()) as T;
    const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
    throw new Refused(problem.code ?? "unknown", problem.detail ?? "");
  }

  return {
    people: (search, after) => ask("GET", `people?${new URLSearchParams({ search, after, limit: "25" })}`),
    issued: async (id) =>
      (await ask<{ credentials: IssuedCredential[] }>("GET", `people/${id}/credentials`)).credentials,
    offer: (id, configurations, claims) =>
      ask("POST", "offers", {
        person_id: id,
        credential_configuration_ids: configurations,
        tx_code_delivery: "in_person",
        claims,
      }),
    changeStatus: (id, type, status) => ask("POST", `people/${id}/status`, { credential_type: type, status }),
    importRoster: (file, { dryRun }) => ask("POST", `people?dry_run=${dryRun}`, file, "text/csv"),
  };
}
