/** What roles and notices are called on the pages, and what each means (rules, 6.3, 6.4 and 9). */
import type { OptInNotice } from "../../../../shared/api/accounts.ts";
import type { Role } from "../../../../shared/credits/permissions.ts";

interface Words {
  readonly label: string;
  readonly hint: string;
}

export const ROLE_WORDS: Readonly<Record<Role, Words>> = {
  super_admin: { label: "Super admin", hint: "Sees and changes everything, people and their access too." },
  billing_admin: {
    label: "Billing admin",
    hint: "Sees everything; buys packs, changes settings and budgets, pauses features.",
  },
  billing_contact: { label: "Billing contact", hint: "Gets the notices by e-mail. Cannot open these pages." },
  feature_owner: { label: "Feature owner", hint: "Sees, pauses and resumes the features that they own." },
  member: { label: "Member", hint: "Sees the price list and their own usage." },
};

export const NOTICE_WORDS: Readonly<Record<OptInNotice, Words>> = {
  projection: { label: "Running out early", hint: "When credits will probably not last until the reset." },
  spike: { label: "Spikes", hint: "When a feature uses far more in a day than it usually does." },
  waste: { label: "Waste", hint: "Duplicates, usage without outcomes, features that nobody owns." },
};

export function rolesInWords(roles: readonly Role[]): string {
  return roles.map((role) => ROLE_WORDS[role].label).join(", ");
}

/** What somebody gets by e-mail, in a few words. */
export function noticesInWords(notify: {
  readonly email: boolean;
  readonly optIn: readonly OptInNotice[];
}): string {
  if (!notify.email) return "No e-mail";
  const extra = notify.optIn.map((notice) => NOTICE_WORDS[notice].label.toLowerCase());
  return ["Standard", ...extra].join(", ");
}
