/** Asking issuers, when there is a network, whether what they issued still holds. */

import { readBounded } from "../shared/bounded_stream";
import { mayBeAsked } from "../shared/loopback";
import { CALLBACKS } from "./callbacks";
import type { CheckedStatus, HeldCredential } from "./held_credential";
import { resolveIssuer } from "./issuer_trust";
import { statusAt, statusReference, type VerifiedStatusList, verifyStatusList } from "./status_list";
import { type Content, changeContent, type Vault } from "./vault";

const MAX_TOKEN_BYTES = 2 * 1024 * 1024;
const TIMEOUT_MS = 10_000;
const CHECK_EVERY_SECONDS = 6 * 3600;

/** Whether anything that may have been withdrawn was not asked about for some hours. */
export function isCheckDue({ credentials, statuses = {} }: Content, now: number): boolean {
  return credentials.some(
    (held) =>
      statusReference(held) !== null &&
      now < held.expiresAt &&
      now - (statuses[held.id]?.checkedAt ?? 0) >= CHECK_EVERY_SECONDS,
  );
}

/**
 * The vault with what the lists say now, and how many credentials could not be checked; of these the last answer stays, with
 * its time. Each list is asked for once.
 */
export async function checkStatuses(vault: Vault, now: number): Promise<{ vault: Vault; failed: number }> {
  const lists = new Map<string, Promise<VerifiedStatusList>>();
  const found: Record<string, CheckedStatus> = {};
  let failed = 0;
  for (const held of vault.content.credentials) {
    const reference = statusReference(held);
    if (reference === null) continue;
    const key = `${held.issuer} ${reference.uri}`;
    const asking = lists.get(key) ?? fetchList(reference.uri, held, now);
    lists.set(key, asking);
    try {
      const list = await asking;
      found[held.id] = { status: statusAt(list, reference.index), checkedAt: now, listIssuedAt: list.issuedAt };
    } catch {
      failed += 1;
    }
  }
  const changed = await changeContent(vault, (content) => {
    const statuses = { ...content.statuses };
    for (const [id, each] of Object.entries(found)) {
      // An old list, sent again, must not undo what a newer one said.
      if (each.listIssuedAt >= (statuses[id]?.listIssuedAt ?? 0)) statuses[id] = each;
    }
    return { ...content, statuses };
  });
  return { vault: changed, failed };
}

async function fetchList(uri: string, held: HeldCredential, now: number): Promise<VerifiedStatusList> {
  const address = new URL(uri);
  if (!mayBeAsked(address)) throw new Error("not an address to ask");
  const answer = await CALLBACKS.fetch(uri, {
    headers: { Accept: "application/statuslist+jwt" },
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  } as RequestInit);
  if (!answer.ok || answer.body === null) throw new Error("the list can't be had");
  const token = new TextDecoder().decode(await readBounded(answer.body, MAX_TOKEN_BYTES));
  const resolveKey = async (kid: string) => (await resolveIssuer(kid, held.vct)).public_key_jwk;
  return verifyStatusList(token, { uri, issuer: held.issuer, now, resolveKey });
}
