/** The office's sections as the navigation has them, and who sees each: a new one is a line here and one in `main.tsx`. */

import type { TextKey } from "../shared/language";
import type { Principal, Role } from "./api";
import type { Screen } from "./state";

interface Section {
  screen: Extract<
    Screen,
    { name: "people" | "import" | "jobs" | "waiting" | "state" | "proposals" | "officers" | "audit" }
  >;
  label: TextKey;
  roles: readonly Role[];
}

const SECTIONS: readonly Section[] = [
  { screen: { name: "people" }, label: "office_people", roles: ["officer", "approver", "auditor"] },
  { screen: { name: "import" }, label: "office_import", roles: ["officer"] },
  { screen: { name: "jobs" }, label: "jobs_title", roles: ["officer", "approver", "auditor"] },
  { screen: { name: "waiting" }, label: "waiting_title", roles: ["officer", "approver", "auditor"] },
  { screen: { name: "proposals" }, label: "proposals_title", roles: ["officer", "approver", "auditor"] },
  { screen: { name: "officers" }, label: "officers_title", roles: ["approver", "auditor"] },
  { screen: { name: "audit" }, label: "audit_title", roles: ["auditor"] },
  { screen: { name: "state" }, label: "state_title", roles: ["officer", "approver", "auditor"] },
];

/** What is within a section counts as it. */
const WITHIN: Partial<Record<Screen["name"], Screen["name"]>> = { person: "people", offer: "people" };

export function sectionsOf(principal: Principal): readonly Section[] {
  return SECTIONS.filter(({ roles }) => roles.some((role) => principal.roles.includes(role)));
}

export function isIn(section: Section, shown: Screen): boolean {
  return section.screen.name === (WITHIN[shown.name] ?? shown.name);
}
