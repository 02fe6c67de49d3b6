/** What the data of all notifications share on the wire. */
import { z } from "@hono/zod-openapi";
import { OVERAGE_SETTINGS } from "../../credits/state.ts";
import type { NotificationContent } from "../../queues.ts";
import { formatInstant, instantOutSchema } from "../common.ts";

export type Content<Kind extends NotificationContent["kind"]> = Extract<
  NotificationContent,
  { readonly kind: Kind }
>;

export const settingSchema = z.enum(OVERAGE_SETTINGS);

export const resetAtSchema = instantOutSchema.openapi({ description: "end of the period, as known then" });

export function resetOf({ resetAtMs }: { readonly resetAtMs: number }): { resetAt: string } {
  return { resetAt: formatInstant(resetAtMs) };
}
