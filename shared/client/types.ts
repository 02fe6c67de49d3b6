/** The wire as callers see it: what the client takes and gives, inferred from the schemas that the server validates with. */
export type { Problem } from "../api/common.ts";
export type { ProblemCode } from "../api/problem-codes.ts";
export type * from "./types/accounts.ts";
export type { Page, PageQuery } from "./types/common.ts";
export type * from "./types/operator.ts";
export type * from "./types/reports.ts";
export type * from "./types/usage.ts";
