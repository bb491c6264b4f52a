/** What the desk asks its verifier, and the shapes of the answers. */

import { effect, signal } from "@preact/signals";

export interface Hospital {
  kind: "regular" | "primary" | "referral";
  hospital_code: string;
  here: boolean;
}

export interface Verdict {
  verdict: "accepted" | "rejected";
  code: string;
  checked_at: number;
  ages: { registry_seconds: number | null; trust_seconds: number | null; status_seconds: number | null };
  credential_type: string | null;
  check_id: string | null;
  issuer: { did: string; name: string } | null;
  person: {
    health_id: string | null;
    name: string | null;
    name_latin: string | null;
    birth_year: number | null;
    portrait: string | null;
  } | null;
  coverage: {
    scheme: string;
    hospitals: Hospital[];
    covered_from: string;
    covered_until: string;
    copay_baht: number | null;
  } | null;
  claims: { name: string; label: string; value: string | number }[];
  assurance: "holder_present" | "printed_card" | null;
}

/** A question to show to a phone that has no network; its answer is a code like any other. */
export interface Challenge {
  id: string;
  qr: string;
  expires_at: number;
}

/** A request to a phone: while nothing was shown it has no verdict. */
export type AskedRequest = { state: string } & (Verdict | { verdict: null });

export interface Today {
  accepted: number;
  rejected: number;
  checks: {
    check_id: string;
    checked_at: number;
    verdict: Verdict["verdict"];
    code: string;
    credential_type: string | null;
    same_person: boolean | null;
    checked_by: string | null;
  }[];
}

export interface DeskState {
  facility_name: string;
  hospital_code: string;
  trust_seconds: number | null;
  max_trust_seconds: number;
}

/** The verifier's words of one language; `reasons` and `next_actions` are by reason code. */
export interface Words {
  language: string;
  labels: Record<string, string>;
  reasons: Record<string, string>;
  next_actions: Record<string, string>;
  schemes: Record<string, string>;
  credential_types: Record<string, CredentialTypeWords>;
  policies: { policy: string; label: string }[];
}

export interface CredentialTypeWords {
  label: string;
  has_status: boolean;
  claims: Record<
    string,
    { label: string; kind: "text" | "integer" | "date" | "image"; choices: Record<string, string> }
  >;
}

/** A refusal: its stable code, and the verifier's own English sentence. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    readonly sentence: string,
  ) {
    super(code);
  }
}

/** Nobody answered: the network, the verifier or what stands before it is away. */
export class Unreachable extends Error {}

const WAIT_MS = 20_000;
const AWAY = [502, 503, 504];

/** Whether the verifier answered the last time that it was asked. */
export const reachable = signal(true);
/** Whether it wants to know who asks; see screens/sign_in.tsx. */
export const signInNeeded = signal(false);
const password = signal<string | null>(null);

/** From here on the desk's password goes along. In memory only: reloading the page forgets it. */
export function usePassword(given: string): void {
  password.value = given;
  signInNeeded.value = false;
}

/** From here on the browser's cookie says who asks. */
export function signedIn(): void {
  password.value = null;
  signInNeeded.value = false;
}

function untilSignedIn(): Promise<void> {
  signInNeeded.value = true;
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (signInNeeded.value) return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

async function send(method: string, path: string, body?: object): Promise<Response> {
  const headers: Record<string, string> = {};
  if (password.value !== null) headers.Authorization = `Bearer ${password.value}`;
  if (body !== undefined && !(body instanceof FormData)) headers["Content-Type"] = "application/json";
  const content = body === undefined ? null : body instanceof FormData ? body : JSON.stringify(body);
  const answer = await fetch(path, { method, headers, body: content, signal: AbortSignal.timeout(WAIT_MS) }).catch(
    () => null,
  );
  reachable.value = answer !== null && !AWAY.includes(answer.status);
  if (answer === null || !reachable.value) throw new Unreachable();
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
  throw new Refused(problem.code ?? "unknown", problem.detail ?? "");
}

/** An answer. Where somebody must sign in first, it waits for that: what was begun is not lost. */
export async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  try {
    return await askAsIs(method, path, body);
  } catch (problem) {
    if (!(problem instanceof Refused && problem.code === "unauthenticated")) throw problem;
    await untilSignedIn();
    return await ask(method, path, body);
  }
}

/** As `ask`, but for signing in itself. */
export async function askAsIs<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await send(method, path, body);
  return (answer.status === 204 ? null : await answer.json()) as T;
}

/** Every call throws `Refused`, or `Unreachable`. */
export const verifier = {
  state: () => ask<DeskState>("GET", "desk/state"),
  /** Kept by the service worker: that they are there does not say that the verifier is. */
  words: async (language: string): Promise<Words> => {
    const answer = await fetch(`desk/texts?${new URLSearchParams({ language })}`);
    if (!answer.ok) throw new Unreachable();
    return (await answer.json()) as Words;
  },
  /** `presented` is a code's text or a picture of it, `pin` what was said of a printed card. */
  check: (presented: string | Blob, pin?: string) => {
    const said = pin === undefined ? {} : { pin };
    if (typeof presented === "string") return ask<Verdict>("POST", "checks", { qr: presented, ...said });
    const form = new FormData();
    form.append("image", presented, "picture");
    for (const [name, value] of Object.entries(said)) form.append(name, value);
    return ask<Verdict>("POST", "checks/image", form);
  },
  challenge: () => ask<Challenge>("POST", "challenges", {}),
  recordFace: (checkId: string, samePerson: boolean) =>
    ask<unknown>("POST", `checks/${checkId}/face`, { same_person: samePerson }),
  today: () => ask<Today>("GET", "checks/today"),
  createRequest: (policy: string) =>
    ask<{ id: string }>("POST", "requests", { policy, response_mode: "direct_post.jwt" }),
  request: (id: string) => ask<AskedRequest>("GET", `requests/${id}`),
  requestPicture: async (id: string) => (await send("GET", `requests/${id}/qr.svg`)).blob(),
};
