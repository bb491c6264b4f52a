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
let lastChosen: Language | null = null;

/** The text of a key in the language that is read, with `{name}` replaced by the value of that name; numbers as it writes them. */
export const t = computed(() => filledFrom(texts.value));

export type FilledTexts = (key: TextKey, values?: Record<string, string | number>) => string;

/** The texts of another language than the one that is read, such as a patient's. */
export async function textsIn(chosen: Language): Promise<FilledTexts> {
  return filledFrom((await LOAD[chosen]()).default as Texts);
}

function filledFrom(known: Texts | null): FilledTexts {
  return (key, values = {}) =>
    (known?.[key] ?? "").replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name] ?? "";
      return typeof value === "number" ? numberText(value) : value;
    });
}

export async function chooseLanguage(chosen: Language): Promise<void> {
  await lendLanguage(chosen);
  if (lastChosen === chosen) localStorage.setItem(REMEMBERED, chosen);
}

/** As `chooseLanguage`, for who is here for a moment: the language chosen before stays the remembered one. */
export async function lendLanguage(chosen: Language): Promise<void> {
  lastChosen = chosen;
  const loaded = (await LOAD[chosen]()).default as Texts;
  // Of two that are chosen one after the other, the first may be loaded last.
  if (lastChosen !== chosen) return;
  texts.value = loaded;
  language.value = chosen;
  document.documentElement.lang = chosen;
}

/** The language chosen before, if there is one. */
export function rememberedLanguage(): Language | null {
  const remembered = localStorage.getItem(REMEMBERED);
  return remembered !== null && remembered in LANGUAGES ? (remembered as Language) : null;
}

/** Browsers leave out the dates of some languages; there, numbers in the order of the region say it. */
function dateFormat(
  style: { dateStyle?: "long"; timeStyle?: "short" },
  chosen = language.value ?? "en",
): Intl.DateTimeFormat {
  const wanted = CALENDAR[chosen];
  const isKnown = Intl.DateTimeFormat.supportedLocalesOf(wanted).length > 0;
  const dateStyle =
    style.dateStyle === undefined ? {} : { dateStyle: isKnown ? ("long" as const) : ("short" as const) };
  return new Intl.DateTimeFormat(isKnown ? wanted : "en-GB", { ...style, ...dateStyle, timeZone: "Asia/Bangkok" });
}

/** A date, `YYYY-MM-DD` or seconds since 1970, as the language writes it; Thai in the Buddhist era. */
export function dateText(date: string | number): string {
  const moment = typeof date === "number" ? new Date(date * 1000) : new Date(`${date}T00:00:00+07:00`);
  return dateFormat({ dateStyle: "long" }).format(moment);
}

/** A time of day in Thailand, of seconds since 1970, as the language writes it. */
export function timeText(seconds: number, chosen = language.value ?? "en"): string {
  return dateFormat({ timeStyle: "short" }, chosen).format(new Date(seconds * 1000));
}

/** An amount in satang (hundredths of a baht), as the language writes it. */
export function amountText(satang: number): string {
  const format = { style: "currency", currency: "THB", numberingSystem: "latn" } as const;
  return new Intl.NumberFormat(CALENDAR[language.value ?? "en"], format).format(satang / 100);
}

/** How long before `now` (both in seconds since 1970) something was: "3 hours ago", "now". */
export function agoText(seconds: number, now: number): string {
  const passed = Math.max(0, now - seconds);
  if (passed < 60) return t.value("ago_now");
  const [unit, length] =
    passed < 3600 ? (["minute", 60] as const) : passed < 86400 ? (["hour", 3600] as const) : (["day", 86400] as const);
  const count = Math.floor(passed / length);
  const wanted = CALENDAR[language.value ?? "en"];
  if (Intl.RelativeTimeFormat.supportedLocalesOf(wanted).length === 0) return t.value(`ago_${unit}`, { count });
  return new Intl.RelativeTimeFormat(wanted).format(-count, unit);
}

/** A year as the language writes it; Thai in the Buddhist era. */
export function yearText(year: number): string {
  return language.value === "th" ? String(year + 543) : String(year);
}

/** A number as the language writes it, in the digits of this page. */
export function numberText(value: number): string {
  return new Intl.NumberFormat(CALENDAR[language.value ?? "en"], { numberingSystem: "latn" }).format(value);
}
