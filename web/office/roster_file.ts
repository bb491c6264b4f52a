/** A roster file on its way in: its rows, in portions that the issuer takes within a moment, and its errors as a file. */

import type { LineNote } from "./api";

export const MAX_ROWS = 20_000;
export const COLUMNS =
  "person_ref, name, name_latin, birth_date, nationality, identifier_system, identifier_value, scheme, " +
  "regular_hospital, primary_hospital, referral_hospital, covered_from, covered_until";
const ROWS_AT_ONCE = 500;
const BEGINS_A_FORMULA = /^[=+\-@\t\r]/;

/** The lines of a file, the header first: as the issuer counts them, since no field holds a line break. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

/** How many lines after the header are not blank. */
export function rowCount(lines: readonly string[]): number {
  return lines.filter((line, index) => index > 0 && line.trim() !== "").length;
}

/** The good rows under the file's header, some hundred at a time; `leftOut` are line numbers, the header's is 1. */
export function portionsOf(lines: readonly string[], leftOut: ReadonlySet<number>): { file: Blob; rows: number }[] {
  const good = lines.filter((line, index) => index > 0 && line.trim() !== "" && !leftOut.has(index + 1));
  const portions = [];
  for (let start = 0; start < good.length; start += ROWS_AT_ONCE) {
    const rows = good.slice(start, start + ROWS_AT_ONCE);
    portions.push({ file: new Blob([[lines[0], ...rows].join("\n")]), rows: rows.length });
  }
  return portions;
}

/** A row for every fault. Spreadsheets find the UTF-8 by the mark in front, and take no field for a formula. */
export function faultsFile(
  titles: readonly string[],
  notes: readonly LineNote[],
  lines: readonly string[],
  describe: (code: string) => string,
): Blob {
  const rows = notes.flatMap(({ line, faults }) =>
    faults.map(({ code, column }) => [String(line), column ?? "", describe(code), lines[line - 1] ?? ""]),
  );
  const text = [titles, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
  return new Blob([`\ufeff${text}\r\n`], { type: "text/csv" });
}

function cell(text: string): string {
  const plain = BEGINS_A_FORMULA.test(text) ? `'${text}` : text;
  return `"${plain.replaceAll('"', '""')}"`;
}
