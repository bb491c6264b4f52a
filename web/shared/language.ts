/** The five languages: which one is read, its texts, and how it writes dates. */

import { computed, signal } from "@preact/signals";
import type source from "../languages/en.json";

export type TextKey = keyof typeof source;
type Texts = Record<TextKey, string>;

export const LANGUAGES = { th: "ไทย", en: "English", my: "မြန်မာ", lo: "ລາວ", km: "ខ្មែរ" } as const;
export type Language = keyof typeof LANGUAGES;

const LOAD: Record<Language, () => Promise<{ default: unknown }>> = {
  th: () => import("../languages/th.json?texts"),
  en: () => import("../languages/en.json?texts"),
  my: () => import("../languages/my.json?texts"),
  lo: () => import("../languages/lo.json?texts"),
  km: () => import("../languages/km.json?texts"),
};
const REMEMBERED = "language";
const CALENDAR: Record<Language, string> = {
  th: "th-TH-u-ca-buddhist",
  en: "en-GB",
  my: "my-MM-u-nu-latn",
  lo: "lo-LA",
  km: "km-KH",
};

export const language = signal<Language | null>(null);
const texts = signal<Texts | null>(null);

/** The text of a key in the language that is read, with `{name}` replaced by the value of that name. */
export const t = computed(() => (key: TextKey, values: Record<string, string | number> = {}): string => {
  const text = texts.value?.[key] ?? "";
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
});

export async function chooseLanguage(chosen: Language): Promise<void> {
  texts.value = (await LOAD[chosen]()).default as Texts;
  language.value = chosen;
  document.documentElement.lang = chosen;
  localStorage.setItem(REMEMBERED, chosen);
}

/** The language chosen before, if there is one. */
export function rememberedLanguage(): Language | null {
  const remembered = localStorage.getItem(REMEMBERED);
  return remembered !== null && remembered in LANGUAGES ? (remembered as Language) : null;
}

/** A date, `YYYY-MM-DD` or seconds since 1970, as the language writes it; Thai in the Buddhist era. */
export function dateText(date: string | number): string {
  const moment = typeof date === "number" ? new Date(date * 1000) : new Date(`${date}T00:00:00+07:00`);
  return new Intl.DateTimeFormat(CALENDAR[language.value ?? "en"], {
    dateStyle: "long",
    timeZone: "Asia/Bangkok",
  }).format(moment);
}

/** A time of day in Thailand, of seconds since 1970, as the language writes it. */
export function timeText(seconds: number): string {
  const format = new Intl.DateTimeFormat(CALENDAR[language.value ?? "en"], {
    timeStyle: "short",
    timeZone: "Asia/Bangkok",
  });
  return format.format(new Date(seconds * 1000));
}

/** A number as the language writes it, in the digits of this page. */
export function numberText(value: number): string {
  return new Intl.NumberFormat(CALENDAR[language.value ?? "en"], { numberingSystem: "latn" }).format(value);
}
