/** Using credits: events, holds, corrections, outcomes. */
import type { z } from "zod";
import type {
  attachedOutcomeSchema,
  attachOutcomeSchema,
  correctEventSchema,
  correctedEventSchema,
} from "../../api/corrections.ts";
import type { eventFateSchema } from "../../api/event-fates.ts";
import type { captureSchema, heldSchema, holdBodySchema } from "../../api/holds.ts";
import type { eventSchema } from "../../api/usage.ts";

export type { Decision, EventResult } from "../../api/decisions.ts";
export type { CaptureDecision, HoldDecision } from "../../api/holds.ts";
export type { UsageMode } from "../../credits/usage.ts";

export type Event = z.input<typeof eventSchema>;
export type EventFate = z.infer<typeof eventFateSchema>;

/** An event, and for how long its credits are reserved. */
export type OpenHold = z.input<typeof holdBodySchema>;
/** What was really used; left out: as held. */
export type CaptureHold = Omit<z.input<typeof captureSchema>, "account">;
export type Held = z.infer<typeof heldSchema>;

export type CorrectEvent = z.input<typeof correctEventSchema>;
export type CorrectedEvent = z.infer<typeof correctedEventSchema>;
export type AttachOutcome = z.input<typeof attachOutcomeSchema>;
export type AttachedOutcome = z.infer<typeof attachedOutcomeSchema>;
