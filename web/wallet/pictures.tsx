/** Small drawings: one for each credential type, and signs that stand beside a word. All take the colour of the text. */

const BY_TYPE: Record<string, string> = {
  HealthId: "M4 5h16v14H4z M8.5 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z M5.8 16c.4-2 5-2 5.4 0 M14 9.5h3.5 M14 13h3.5",
  InsuranceCoverage: "M12 3l8 3v5.5c0 4.6-3.2 8-8 9.5-4.8-1.5-8-4.9-8-9.5V6z M12 8.5v6.5 M8.75 11.75h6.5",
  MigrantWorkerCard: "M4 8h16v11H4z M9 8V5h6v3 M4 13h16 M12 12v2.5",
  AppointmentTicket: "M4 6h16v14H4z M4 10.5h16 M8.5 3.5V8 M15.5 3.5V8 M9 15.5l2 2 4-4",
  VisitReceipt: "M6 3.5h12v17l-2.5-1.5-2 1.5-1.5-1.5-2 1.5-1.5-1.5L6 20.5z M9 8.5h6 M9 12h6 M9 15.5h3.5",
  GuardianDelegation:
    "M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6z M3.5 20c0-7 11-7 11 0 M17 13.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4z M17.5 16c2 .2 3.3 1.5 3.3 4",
};
const ANY_TYPE = "M3 6h18v12H3z M3 10.5h18 M6.5 14.5h4";

const SIGNS = {
  good: "M5 12.5l4.5 4.5L19 7.5",
  bad: "M6.5 6.5l11 11 M17.5 6.5l-11 11",
  paused: "M8.5 6v12 M15.5 6v12",
  waiting: "M12 6.5V12l3.5 2.5 M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z",
  unknown: "M9 9.2c0-4.5 6.5-4 6.5-.2 0 2.5-3.5 2.5-3.5 5.5 M12 18v.5",
  code: "M4 4h6v6H4z M14 4h6v6h-6z M4 14h6v6H4z M14 14h2.5v2.5H14z M17.5 17.5H20V20h-2.5z",
  settings: "M4 7h8 M17 7h3 M14.5 4.5v5 M4 17h3 M12 17h8 M9.5 14.5v5",
  lock: "M5.5 11h13v9.5h-13z M8.5 11V7.5a3.5 3.5 0 0 1 7 0V11 M12 14.5v2.5",
} as const;

export type Sign = keyof typeof SIGNS;

export function TypePicture(props: { typeName: string | undefined; class?: string }) {
  return <Drawing path={BY_TYPE[props.typeName ?? ""] ?? ANY_TYPE} class={props.class ?? "type-picture"} />;
}

export function SignPicture(props: { sign: Sign }) {
  return <Drawing path={SIGNS[props.sign]} class="sign" />;
}

function Drawing(props: { path: string; class: string }) {
  return (
    <svg
      class={props.class}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={props.path} />
    </svg>
  );
}
