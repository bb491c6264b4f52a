/** Ages, dates and years in the verifier's words, as its plain page has them: few browsers know Burmese months. */

const STEPS = [
  [86_400, "age_day", "age_days"],
  [3_600, "age_hour", "age_hours"],
  [60, "age_minute", "age_minutes"],
] as const;
const BUDDHIST_ERA = 543;

/** Whole days, hours or minutes, rounded down; null is an age that nobody knows. */
export function ageText(seconds: number | null, labels: Record<string, string>): string {
  if (seconds === null) return labels.age_unknown ?? "";
  for (const [unit, one, many] of STEPS) {
    if (seconds < unit) continue;
    const count = Math.floor(seconds / unit);
    return (count === 1 ? labels[one] : labels[many]?.replace("{count}", String(count))) ?? "";
  }
  return labels.age_now ?? "";
}

/** A date, `YYYY-MM-DD`; in Thai its year is of the Buddhist era. */
export function dateText(date: string, labels: Record<string, string>): string {
  const [year = 0, month = 1, day = 1] = date.split("-").map(Number);
  const values = { day, month: (labels.months ?? "").split(" ")[month - 1] ?? "", ...years(year) };
  return fill(labels.date ?? "", values);
}

/** A Gregorian year; in Thai as one of the Buddhist era too. */
export function yearText(year: number, labels: Record<string, string>): string {
  return fill(labels.year ?? "", years(year));
}

const years = (year: number) => ({ year, buddhist_year: year + BUDDHIST_ERA });
const fill = (text: string, values: Record<string, string | number>) =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
