/** What officers ask the issuer, signed in with a passkey or by the office's token. */

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

export type Role = "officer" | "approver" | "auditor";

/** Who asks; the name is empty for whoever has the office's token. */
export interface Principal {
  id: string;
  name: string;
  roles: Role[];
}

/** Why something is done, and free text that stays at the office. */
export interface Reasoned {
  reason: string;
  note: string;
}

export interface Proposal extends Reasoned {
  id: string;
  action: string;
  record_id: string;
  parameters: { name?: string; roles?: Role[]; credential_type?: string; people?: number };
  state: "waiting" | "done" | "rejected" | "expired";
  proposed_by: string;
  proposed_at: number;
  expires_at: number;
  decided_by: string | null;
  decided_at: number | null;
  decision_note: string;
}

export interface AuditEntry {
  number: number;
  at: number;
  principal_id: string;
  action: string;
  record_id: string;
  detail: string;
  outcome: string;
  hash: string;
}

export interface ChainState {
  intact: boolean;
  entries: number;
  head: string;
  broken_at: number | null;
  ledger: LedgerProof;
}

/** What the ledger proves of the log: lines 1 to `number`, as at `proven_at`; and what does not agree with it. */
export interface LedgerProof {
  finding:
    | "log_proven"
    | "log_not_anchored"
    | "log_rewritten"
    | "log_shortened"
    | "log_forked"
    | "root_unknown"
    | "mirror_differs";
  number: number;
  proven_at: number | null;
  failed_number: number | null;
  failed_at: number | null;
  asked: boolean;
}

export interface OfferOrder {
  configurations: string[];
  claims: Record<string, Record<string, string | number>>;
  delivery: "in_person" | "sms";
  needsApproval: boolean;
}

/** An offer made; there is no code where an SMS brings it. */
export interface Offer {
  credential_offer_uri: string;
  tx_code?: string;
  expires_at: number;
}

/** How far a wallet is with an offer; `redeemed` is that it used the code and asked for no card yet. */
export type OfferProgress = "open" | "locked" | "expired" | "redeemed" | "to_approve" | "asked_for";

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

export type JobKind = "renew" | "suspend" | "restore" | "revoke";

/** What is done for many people: `done` and `refused` of `total` are over; `approved`: it has begun under four eyes. */
export interface Job {
  id: string;
  kind: JobKind;
  credential_type: string;
  scheme: string | null;
  state: "planned" | "running" | "paused" | "finished" | "cancelled";
  by_command: boolean;
  approved: boolean;
  total: number;
  done: number;
  refused: number;
  created_at: number;
  finished_at: number | null;
}

/** A job that nobody has begun, none where there is nothing to do; `not_found` are places in the list of numbers. */
export interface PlannedJob {
  job?: Job;
  not_found: number[];
}

export interface JobFailure {
  person_id: string;
  person_ref: string;
  name: string;
  failure: string;
}

/** Cards that a wallet asked for and that wait for an approver; `claims` are those that the officer stated. */
export interface WaitingSet {
  id: string;
  person_id: string;
  credential_configuration_id: string;
  claims: Record<string, string | number> | null;
  created_at: number;
}

/** A status list; times in seconds since 1970, `due_at` 0 where a new version is due. */
export interface ListState {
  id: string;
  issuer: string;
  credential_types: string[];
  capacity: number;
  used: number;
  suspended: number;
  revoked: number;
  version: number | null;
  published_at: number | null;
  due_at: number;
  anchored_version: number | null;
}

export interface ListsState {
  lists: ListState[];
  waiting: number;
  anchored_at: number | null;
}

/** A key by its DID URL, and of which credential types it signs the credentials and the status lists. */
export interface KeyState {
  verification_method: string;
  algorithm: string;
  signs: string[];
  signs_lists: string[];
  valid_until: number | null;
}

export interface Organisation {
  did: string;
  name: string;
  keys: KeyState[];
  accreditations: { credential_type: string; valid_until: number | null; given_by: string | null }[];
}

export interface RegistryState {
  chain_id: number;
  block_number: number | null;
  block_time: number | null;
  synced_at: number;
  organisations: Organisation[];
  warnings: { code: WarningCode; of: string }[];
}

export type WarningCode =
  | "not_read"
  | "mirror_old"
  | "contradiction"
  | "key_missing"
  | "key_ends"
  | "accreditation_missing"
  | "accreditation_ends"
  | "certificate_ended";

export interface OfficerRow {
  id: string;
  name: string;
  roles: Role[];
  active: boolean;
  passkeys: number;
  invited_until: number | null;
  last_signed_in_at: number | null;
}

/** A link by which an officer makes a passkey, once. */
export interface Invitation {
  name: string;
  link: string;
  expires_at: number;
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

/** Good once, until `expires_at` in seconds since 1970. */
export interface SignInCode {
  code: string;
  expires_at: number;
}

export interface Office {
  me(): Promise<Principal>;
  people(search: string, after: string): Promise<{ people: Person[]; next: string | null }>;
  person(personId: string): Promise<Person>;
  /** Null where there is no photo. */
  portrait(personId: string): Promise<Blob | null>;
  savePortrait(personId: string, photo: Blob): Promise<void>;
  removePortrait(personId: string): Promise<void>;
  issued(personId: string): Promise<{ credentials: IssuedCredential[]; entitlement_ended: string[] }>;
  offer(personId: string, order: OfferOrder): Promise<Offer>;
  offerProgress(offer: Offer): Promise<OfferProgress>;
  createSignInCode(personId: string): Promise<SignInCode>;
  changeStatus(personId: string, credentialType: string, status: Status, reasoned: Reasoned): Promise<void>;
  proposals(wanted: { state?: Proposal["state"]; record_id?: string }): Promise<Proposal[]>;
  approve(proposalId: string): Promise<void>;
  reject(proposalId: string, note: string): Promise<void>;
  audit(wanted: Record<string, string>): Promise<{ entries: AuditEntry[]; next: number | null }>;
  verifyAudit(): Promise<ChainState>;
  officers(): Promise<OfficerRow[]>;
  inviteOfficer(name: string, roles: readonly Role[]): Promise<Invitation>;
  inviteAgain(officerId: string): Promise<Invitation>;
  changeOfficer(officerId: string, change: { roles?: readonly Role[]; active?: boolean }): Promise<void>;
  removePasskeys(officerId: string): Promise<void>;
  signOut(): Promise<void>;
  planRenewal(order: { credential_type: string; ending_within_days: number; scheme?: string }): Promise<PlannedJob>;
  planStatusChange(order: {
    kind: JobKind;
    credential_type: string;
    numbers?: string[];
    scheme?: string;
  }): Promise<PlannedJob>;
  jobs(): Promise<Job[]>;
  job(jobId: string): Promise<Job>;
  jobFailures(jobId: string): Promise<JobFailure[]>;
  beginJob(jobId: string, reasoned: Reasoned): Promise<void>;
  moveJob(jobId: string, step: "start" | "pause" | "cancel"): Promise<void>;
  renew(personId: string, credentialType: string): Promise<Job>;
  waitingSets(): Promise<WaitingSet[]>;
  approveSet(setId: string): Promise<void>;
  refuseSet(setId: string, reason: string): Promise<void>;
  lists(): Promise<ListsState>;
  publishLists(): Promise<ListsState>;
  registry(): Promise<RegistryState>;
  importRoster(file: Blob, how: { dryRun: boolean }): Promise<ImportReport>;
}

/** An answer of the issuer. Throws `Refused`, or `TypeError` where it can't be reached. */
export async function askIssuer<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<T> {
  const isPicture = body instanceof Blob && body.type === "image/jpeg";
  const type = isPicture ? body.type : body instanceof Blob ? "text/csv" : "application/json";
  const answer = await fetch(path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { "Content-Type": type }) },
    ...(body === undefined ? {} : { body: body instanceof Blob ? body : JSON.stringify(body) }),
  });
  if (answer.status === 204) return undefined as T;
  if (answer.ok && answer.headers.get("Content-Type") === "image/jpeg") return (await answer.blob()) as T;
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
  throw new Refused(problem.code ?? "unknown", problem.detail ?? "");
}

/**
 * The issuer, for who holds this token, or is signed in where it is null. Where it wants the passkey once more, that is
 * asked for and the request sent again. Every call throws as `askIssuer` does, and as `usePasskey`.
 */
export function officeOf(token: string | null, showPasskey: () => Promise<unknown>): Office {
  const headers: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` };

  async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    try {
      return await askIssuer<T>(method, path, body, headers);
    } catch (error) {
      if (!(error instanceof Refused && error.code === "insufficient_user_authentication")) throw error;
      await showPasskey();
      return askIssuer<T>(method, path, body, headers);
    }
  }

  return {
    me: () => ask("GET", "officers/me"),
    people: (search, after) => ask("GET", `people?${new URLSearchParams({ search, after, limit: "25" })}`),
    person: (id) => ask("GET", `people/${id}`),
    portrait: (id) =>
      ask<Blob>("GET", `people/${id}/portrait`).catch((error) => {
        if (error instanceof Refused && error.code === "not_found") return null;
        throw error;
      }),
    savePortrait: (id, photo) => ask("PUT", `people/${id}/portrait`, photo),
    removePortrait: (id) => ask("DELETE", `people/${id}/portrait`),
    issued: (id) => ask("GET", `people/${id}/credentials`),
    offer: (id, { configurations, claims, delivery, needsApproval }) =>
      ask("POST", "offers", {
        person_id: id,
        credential_configuration_ids: configurations,
        tx_code_delivery: delivery,
        claims,
        needs_approval: needsApproval,
      }),
    offerProgress: async ({ credential_offer_uri }) => {
      const path = new URL(credential_offer_uri).pathname.slice(1);
      return (await ask<{ progress: OfferProgress }>("GET", `${path}/progress`)).progress;
    },
    createSignInCode: (id) => ask("POST", `people/${id}/sign-in-codes`),
    changeStatus: (id, type, status, reasoned) =>
      ask("POST", `people/${id}/status`, { credential_type: type, status, ...reasoned }),
    proposals: async (wanted) =>
      (await ask<{ proposals: Proposal[] }>("GET", `proposals?${new URLSearchParams(wanted)}`)).proposals,
    approve: (id) => ask("POST", `proposals/${id}/approve`),
    reject: (id, note) => ask("POST", `proposals/${id}/reject`, { note }),
    audit: (wanted) => ask("GET", `audit?${new URLSearchParams(wanted)}`),
    verifyAudit: () => ask("GET", "audit/verification"),
    officers: async () => (await ask<{ officers: OfficerRow[] }>("GET", "officers")).officers,
    inviteOfficer: (name, roles) => ask("POST", "officers", { name, roles }),
    inviteAgain: (id) => ask("POST", `officers/${id}/invitations`),
    changeOfficer: (id, change) => ask("PATCH", `officers/${id}`, change),
    removePasskeys: (id) => ask("DELETE", `officers/${id}/passkeys`),
    signOut: () => ask("DELETE", "officers/session"),
    planRenewal: (order) => ask("POST", "jobs/renewals", order),
    planStatusChange: (order) => ask("POST", "jobs/status-changes", order),
    jobs: async () => (await ask<{ jobs: Job[] }>("GET", "jobs")).jobs,
    job: (id) => ask("GET", `jobs/${id}`),
    jobFailures: async (id) => (await ask<{ failures: JobFailure[] }>("GET", `jobs/${id}/failures`)).failures,
    beginJob: (id, reasoned) => ask("POST", `jobs/${id}/begin`, reasoned),
    moveJob: (id, step) => ask("POST", `jobs/${id}/${step}`),
    renew: (id, type) => ask("POST", `people/${id}/renew`, { credential_type: type }),
    waitingSets: async () =>
      (await ask<{ credential_sets: WaitingSet[] }>("GET", "credential-sets?state=pending")).credential_sets,
    approveSet: (id) => ask("POST", `credential-sets/${id}/approve`),
    refuseSet: (id, reason) => ask("POST", `credential-sets/${id}/refuse`, { reason }),
    lists: () => ask("GET", "status-lists"),
    publishLists: () => ask("POST", "status-lists/publish"),
    registry: () => ask("GET", "registry"),
    importRoster: (file, { dryRun }) => ask("POST", `people?dry_run=${dryRun}`, file),
  };
}
