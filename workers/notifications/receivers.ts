/** Who is told of what (rules, 6.3 and 6.4). */
import { and, eq, isNotNull, isNull, or, sql } from "drizzle-orm";
import { modeOf } from "../../shared/account-key.ts";
import type { OptInNotice } from "../../shared/api/accounts.ts";
import type { Role } from "../../shared/credits/permissions.ts";
import { accounts, users, webhookEndpoints } from "../../shared/db/schema.ts";
import type { NotificationContent } from "../../shared/queues.ts";

/** Roles that are told by e-mail. */
const TOLD_ROLES: readonly Role[] = ["super_admin", "billing_admin", "billing_contact"];

/** Whom a notification concerns besides those who are told of everything. */
export interface Audience {
  /** The user who answers for the account's usage. */
  readonly creditOwner: boolean;
  /** Users who own a feature that it tells of. */
  readonly featureOwners: readonly string[];
  /** Features whose owners only the account knows. */
  readonly features: readonly string[];
  /** Only who asked for these gets them by e-mail. */
  readonly optIn: OptInNotice | null;
}

const ADMINS_ONLY: Audience = { creditOwner: false, featureOwners: [], features: [], optIn: null };
const CREDIT_OWNER: Audience = { ...ADMINS_ONLY, creditOwner: true };

export function audienceOf(content: NotificationContent): Audience {
  switch (content.kind) {
    case "usage_report":
      return CREDIT_OWNER;
    case "projected_exhaustion":
      return { ...CREDIT_OWNER, optIn: "projection" };
    case "waste":
      return { ...CREDIT_OWNER, optIn: "waste" };
    case "spike":
      return { ...CREDIT_OWNER, featureOwners: ownerOf(content), optIn: "spike" };
    case "feature_paused":
    case "feature_resumed":
    case "budget_threshold":
      return { ...ADMINS_ONLY, featureOwners: ownerOf(content) };
    case "rate_change":
      return { ...ADMINS_ONLY, features: content.changes.map(({ feature }) => feature) };
    case "account_rates_changed":
      return { ...ADMINS_ONLY, features: content.raised.map(({ feature }) => feature) };
    default:
      return ADMINS_ONLY;
  }
}

function ownerOf({ ownerUser }: { readonly ownerUser: string | null }): readonly string[] {
  return ownerUser === null ? [] : [ownerUser];
}

/** Each user of the account once who gets it by e-mail. */
export function isEmailReceiver(accountKey: string, { creditOwner, featureOwners, optIn }: Audience) {
  const owners = JSON.stringify(featureOwners);
  const optedIn = sql`EXISTS (SELECT 1 FROM json_each(${users.notify}, '$.optIn') WHERE value = ${optIn})`;
  return and(
    eq(users.accountKey, accountKey),
    isNotNull(users.email),
    sql`${users.notify} ->> '$.email'`,
    or(
      hasToldRole(),
      sql`${users.userId} IN (SELECT value FROM json_each(${owners}))`,
      creditOwner
        ? sql`${users.userId} = (SELECT profile ->> '$.creditOwner' FROM ${accounts} WHERE account_key = ${accountKey})`
        : undefined,
    ),
    optIn === null ? undefined : optedIn,
  );
}

function hasToldRole() {
  const roles = JSON.stringify(TOLD_ROLES);
  return sql`EXISTS (SELECT 1 FROM json_each(${users.roles}) WHERE value IN (SELECT value FROM json_each(${roles})))`;
}

/** Each endpoint of the account's mode that is not disabled. */
export function isWebhookReceiver(accountKey: string) {
  return and(eq(webhookEndpoints.mode, modeOf(accountKey)), isNull(webhookEndpoints.disabledAtMs));
}

/** The last line of an e-mail: why this user gets it. */
export function whyTold(
  content: NotificationContent,
  user: { readonly userId: string; readonly roles: readonly string[] },
  accountName: string,
): string {
  const { creditOwner, featureOwners, optIn } = audienceOf(content);
  const asked = optIn === null ? "" : " and asked for it";
  const as = TOLD_ROLES.some((role) => user.roles.includes(role))
    ? "a super admin, billing admin or billing contact"
    : creditOwner && !featureOwners.includes(user.userId)
      ? "the credit owner"
      : "the owner of a feature";
  return `You receive this because you are ${as} of ${accountName}${asked}.`;
}
