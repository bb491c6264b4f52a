/** A message, and what it says: its template's words, with its parameters as the reader's language writes them. */

import { amountText, dateText, type TextKey, t, timeText } from "../shared/language";

export interface Message {
  id: string;
  template: string;
  parameters: Record<string, string | number>;
  created_at: number;
  opened_at: number | null;
  /** When the holder said that it wasn't them, in seconds since 1970. */
  disputed_at?: number;
}

/** What a vault has of the inbox: the newest messages, the oldest first. */
export type InboxContent = readonly Message[];

export function unreadCount(content: { inbox?: InboxContent }): number {
  return (content.inbox ?? []).filter(({ opened_at }) => opened_at === null).length;
}

export type MessageKind = "appointment" | "claim" | "security" | "other";

const KINDS: Record<string, MessageKind> = {
  appointment_confirmed: "appointment",
  claim_approved: "claim",
  card_shown: "security",
  device_registered: "security",
};
const DISPUTABLE: Record<string, string> = {
  card_shown: "sighting_id",
  claim_approved: "claim_id",
  device_registered: "device_id",
};

export function kindOf({ template }: Message): MessageKind {
  return KINDS[template] ?? "other";
}

/** Whether the holder can say that it wasn't them; of this very phone they can't. */
export function isDisputable(message: Message, thisDevice: string | undefined): boolean {
  const parameter = DISPUTABLE[message.template];
  return parameter !== undefined && parameter in message.parameters && !isAbout(message, thisDevice);
}

/** A message of a template that this version does not know, or with odd parameters, says only that there is one. `known`: this
 * phone's id, and the names of hospitals by their codes, or the codes. */
export function messageText(message: Message, known: { device?: string; hospital: (code: string) => string }): string {
  const hospital = (value: string | number | undefined) => {
    const code = text(value);
    const name = known.hospital(code);
    return name === code ? t.value("inbox_hospital", { code }) : name;
  };
  try {
    const { parameters } = message;
    switch (message.template) {
      case "appointment_confirmed": {
        const starts = Math.floor(Date.parse(text(parameters.starts_at)) / 1000);
        const values = { hospital: hospital(parameters.hospital_code), date: dateText(starts), time: timeText(starts) };
        return t.value("inbox_appointment_confirmed", values);
      }
      case "claim_approved":
        return t.value("inbox_claim_approved", {
          hospital: hospital(parameters.hospital_code),
          date: dateText(text(parameters.service_date)),
          amount: amountText(number(parameters.amount_satang)),
        });
      case "card_shown":
        return t.value("inbox_card_shown", {
          name: text(parameters.facility_name),
          date: dateText(number(parameters.checked_at)),
          time: timeText(number(parameters.checked_at)),
        });
      case "device_registered": {
        const key: TextKey = isAbout(message, known.device)
          ? "inbox_this_device_registered"
          : "inbox_device_registered";
        return t.value(key);
      }
    }
  } catch {
    // As for an unknown template.
  }
  return t.value("inbox_unknown");
}

function isAbout({ parameters }: Message, device: string | undefined): boolean {
  return device !== undefined && parameters.device_id === device;
}

function text(value: string | number | undefined): string {
  if (typeof value !== "string") throw new Error("not a text");
  return value;
}

function number(value: string | number | undefined): number {
  if (typeof value !== "number") throw new Error("not a number");
  return value;
}
