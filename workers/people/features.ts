/** A place of its own for every feature: who owns it, who may use it, whether it is paused (rules, 9.2 and 10.4). */
import { createRoute, type z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { accountParamsSchema, identifierSchema } from "../../shared/api/common.ts";
import { featureSchema, featuresSchema, putFeatureSchema } from "../../shared/api/people.ts";
import { controlOf, type Directory } from "../../shared/credits/directory.ts";
import { type Feature, rateSheetAt } from "../../shared/credits/rates.ts";
import type { AccountView } from "../../shared/protocol.ts";
import { follow } from "../accounts/commands.ts";
import { requireScope } from "../ingest/auth.ts";
import {
  type AppEnv,
  accountKey,
  accountStub,
  createRouter,
  found,
  invalidField,
  jsonBody,
  jsonContent,
  ProblemError,
  problemResponses,
} from "../ingest/http.ts";
import { loadOffer } from "../offer.ts";
import { budgetAnswer } from "./budgets.ts";
import { readNames } from "./known-user.ts";
import { callerMay, refuseWithout } from "./permissions.ts";

const tags = ["Features"];
const featureParams = accountParamsSchema.extend({ feature: identifierSchema });

const list = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/features",
  operationId: "listFeatures",
  tags,
  summary: "List the features with owner, access and budgets",
  middleware: [requireScope("read")] as const,
  request: { params: accountParamsSchema },
  responses: {
    200: jsonContent(featuresSchema, "every feature of the rate sheet in force"),
    ...problemResponses(401, 403, 404, 422),
  },
});

const read = createRoute({
  method: "get",
  path: "/v1/accounts/{account}/features/{feature}",
  operationId: "getFeature",
  tags,
  summary: "Read a feature",
  middleware: [requireScope("read")] as const,
  request: { params: featureParams },
  responses: { 200: jsonContent(featureSchema, "the feature"), ...problemResponses(401, 403, 404, 422) },
});

const put = createRoute({
  method: "put",
  path: "/v1/accounts/{account}/features/{feature}",
  operationId: "putFeature",
  tags,
  summary: "Pause or resume a feature, name its owner, limit who may use it",
  description:
    "What is not named stays. It counts for the next decision. Owner and access are a super admin's to change.",
  middleware: [requireScope("admin")] as const,
  request: { params: featureParams, body: jsonBody(putFeatureSchema) },
  responses: {
    200: jsonContent(featureSchema, "the feature now"),
    ...problemResponses(400, 401, 403, 404, 409, 413, 415, 422),
  },
});

interface Seen extends Pick<AccountView, "directory" | "budgetUsage"> {
  /** Budgets tell what the feature used: only for whom that concerns (9). */
  readonly withBudgets: (feature: string) => boolean;
  /** Of the owners, by id. */
  readonly names: ReadonlyMap<string, string>;
}

function seenBy(
  context: Context<AppEnv>,
  { directory, budgetUsage }: AccountView,
  names: ReadonlyMap<string, string>,
): Seen {
  return {
    directory,
    budgetUsage,
    names,
    withBudgets: (feature) => callerMay(context, "see_usage", { feature }),
  };
}

function featureAnswer(
  { feature, name, category, description, beta }: Feature,
  { directory, budgetUsage, withBudgets, names }: Seen,
): z.infer<typeof featureSchema> {
  const { paused, owner, access } = controlOf(directory, feature);
  return {
    feature,
    name,
    category,
    description,
    beta,
    paused,
    owner,
    ownerName: owner === null ? null : (names.get(owner) ?? null),
    access: access === null ? null : { users: [...access.users], teams: [...access.teams] },
    budgets: directory.budgets
      .filter(({ subject, key }) => subject === "feature" && key === feature && withBudgets(feature))
      .map((budget) => budgetAnswer(budget, budgetUsage)),
  };
}

/** What the owners of some features are called. */
function ownerNames(
  context: Context<AppEnv>,
  account: string,
  directory: Directory,
  of: readonly string[] = Object.keys(directory.features),
): Promise<ReadonlyMap<string, string>> {
  const owners = of.flatMap((feature) => controlOf(directory, feature).owner ?? []);
  return readNames(context.env.DB, accountKey(context, account), [...new Set(owners)]);
}

async function featuresAt(database: D1Database, nowMs: number): Promise<readonly Feature[]> {
  const { rateSheets } = await loadOffer(database, nowMs);
  return rateSheetAt(rateSheets, nowMs)?.features ?? [];
}

function named(features: readonly Feature[], feature: string): Feature {
  const known = features.find((candidate) => candidate.feature === feature);
  if (known !== undefined) return known;
  const detail = `no feature "${feature}" in the rate sheet in force; see GET …/rates`;
  throw new ProblemError(404, "feature_not_found", detail);
}

/** An owner or a user with access who is unknown could never act: most likely a slip. */
function refuseUnknownUsers(body: z.output<typeof putFeatureSchema>, { users }: Directory): void {
  const { owner, access } = body;
  if (owner !== undefined && owner !== null && !Object.hasOwn(users, owner)) {
    throw invalidField("owner", `no user "${owner}"; PUT …/users/${owner} first`, "user_not_found");
  }
  for (const [index, user] of (access?.users ?? []).entries()) {
    if (Object.hasOwn(users, user)) continue;
    const message = `no user "${user}"; PUT …/users/${user} first`;
    throw invalidField(`access.users.${index}`, message, "user_not_found");
  }
}

export const featureRoutes = createRouter()
  .openapi(list, async (context) => {
    const { account } = context.req.valid("param");
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    const [features, names] = await Promise.all([
      featuresAt(context.env.DB, view.nowMs),
      ownerNames(context, account, view.directory),
    ]);
    const seen = seenBy(context, view, names);
    return context.json(
      { data: features.map((feature) => featureAnswer(feature, seen)), nextCursor: null },
      200,
    );
  })
  .openapi(read, async (context) => {
    const { account, feature } = context.req.valid("param");
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    const [features, names] = await Promise.all([
      featuresAt(context.env.DB, view.nowMs),
      ownerNames(context, account, view.directory, [feature]),
    ]);
    return context.json(featureAnswer(named(features, feature), seenBy(context, view, names)), 200);
  })
  .openapi(put, async (context) => {
    const { account, feature } = context.req.valid("param");
    const body = context.req.valid("json");
    if (body.owner !== undefined || body.access !== undefined) refuseWithout(context, "manage_users");
    const view = found(await accountStub(context, account).view(context.var.callContext), account);
    const known = named(await featuresAt(context.env.DB, view.nowMs), feature);
    refuseUnknownUsers(body, view.directory);
    const { directory } = await follow(context, account, { kind: "change_feature", feature, ...body });
    const names = await ownerNames(context, account, directory, [feature]);
    return context.json(featureAnswer(known, seenBy(context, { ...view, directory }, names)), 200);
  });
