/**
 * A draft of the rate sheet: as its form has it, every amount as the text that somebody wrote. It travels in the form
 * itself, whose fields are named as the API names them: what the API refuses finds its field.
 */
import { featuresSchema } from "../../../shared/api/rate-sheets.ts";
import type { PublishRateSheet, RateSheet } from "../../../shared/client/types.ts";
import { FormRefused, type FormValues, numberOf } from "../form.ts";

export interface DraftAction {
  readonly action: string;
  readonly name: string;
  readonly credits: string;
  readonly per: string;
  readonly blocks: boolean;
}

export interface DraftFeature {
  readonly feature: string;
  readonly name: string;
  readonly category: string;
  readonly description: string;
  readonly beta: boolean;
  readonly actions: readonly DraftAction[];
}

export type Draft = readonly DraftFeature[];

const NEW_ACTION: DraftAction = { action: "", name: "", credits: "", per: "1", blocks: false };
const NEW_FEATURE: DraftFeature = {
  feature: "",
  name: "",
  category: "",
  description: "",
  beta: false,
  actions: [NEW_ACTION],
};

export const EMPTY_DRAFT: Draft = [NEW_FEATURE];

export function draftOf(features: RateSheet["features"]): Draft {
  return features.map(({ actions, ...feature }) => ({
    ...feature,
    actions: actions.map(({ credits, per, ...action }) => ({
      ...action,
      credits: String(credits),
      per: String(per),
    })),
  }));
}

/** The draft that a form sent, what was ticked for removal and empty rows left out. */
export function readDraft(form: FormValues): Draft {
  const fields = form.shown;
  const text = (name: string) => fields[name]?.trim() ?? "";
  const features = indices(fields, "features.").map((index): DraftFeature & { readonly gone: boolean } => {
    const at = `features.${index}.`;
    const actions = indices(fields, `${at}actions.`).map((row) => {
      const of = `${at}actions.${row}.`;
      return {
        gone: `${of}remove` in fields,
        action: text(`${of}action`),
        name: text(`${of}name`),
        credits: text(`${of}credits`),
        per: text(`${of}per`),
        blocks: `${of}blocks` in fields,
      };
    });
    const kept = actions.filter(({ gone, action, name, credits }) => !gone && action + name + credits !== "");
    return {
      gone: `${at}remove` in fields,
      feature: text(`${at}feature`),
      name: text(`${at}name`),
      category: text(`${at}category`),
      description: text(`${at}description`),
      beta: `${at}beta` in fields,
      actions: kept.map(({ gone: _, ...action }) => action),
    };
  });
  const kept = features.filter(
    ({ gone, feature, name, actions }) => !gone && (feature + name !== "" || actions.length > 0),
  );
  return kept.map(({ gone: _, ...feature }) => feature);
}

/** The numbers that follow a prefix, in their order. */
function indices(fields: Readonly<Record<string, string>>, prefix: string): readonly number[] {
  const found = Object.keys(fields).flatMap((name) => {
    const digits = name.startsWith(prefix) ? /^\d{1,5}(?=\.)/.exec(name.slice(prefix.length)) : null;
    return digits === null ? [] : [Number(digits[0])];
  });
  return [...new Set(found)].toSorted((a, b) => a - b);
}

/** What a button of the form asks for besides reading it again. */
export function edited(draft: Draft, asked: string): Draft {
  if (asked === "add-feature") return [...draft, NEW_FEATURE];
  const [, index] = /^add-action:(\d+)$/.exec(asked) ?? [];
  return index === undefined
    ? draft
    : draft.map((feature, at) =>
        at === Number(index) ? { ...feature, actions: [...feature.actions, NEW_ACTION] } : feature,
      );
}

/** As the API takes it; what is left empty takes its default. A text that is no number goes on as it is. */
export function wireOf(draft: Draft): PublishRateSheet["features"] {
  return draft.map(({ name, category, actions, ...feature }) => ({
    ...feature,
    ...(name === "" ? {} : { name }),
    ...(category === "" ? {} : { category }),
    actions: actions.map((action) => ({
      action: action.action,
      ...(action.name === "" ? {} : { name: action.name }),
      credits: numberOf(action.credits),
      ...(action.per === "" ? {} : { per: numberOf(action.per) }),
      blocks: action.blocks,
    })),
  }));
}

export function jsonOf(draft: Draft): string {
  return JSON.stringify(wireOf(draft), null, 2);
}

/** The draft that a JSON text says; what is not a list of features is refused beside `field`. */
export function draftOfJson(text: string, field: string): Draft {
  try {
    const parsed: unknown = JSON.parse(text);
    const features = listOf(isRecord(parsed) && "features" in parsed ? parsed.features : parsed);
    return features.map((feature) => ({
      feature: textOf(feature.feature),
      name: textOf(feature.name),
      category: textOf(feature.category),
      description: textOf(feature.description),
      beta: feature.beta === true,
      actions: listOf(feature.actions ?? []).map((action) => ({
        action: textOf(action.action),
        name: textOf(action.name),
        credits: textOf(action.credits),
        per: textOf(action.per ?? 1),
        blocks: action.blocks === true,
      })),
    }));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FormRefused({ [field]: `not a list of features in JSON: ${reason}` });
  }
}

type JsonRecord = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): readonly JsonRecord[] {
  if (Array.isArray(value) && value.every(isRecord)) return value;
  throw new TypeError("a list of objects is missing");
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** Refused as the API would, by the same schema: each message beside its field. */
export function checkDraft(draft: Draft): void {
  const checked = featuresSchema.safeParse(wireOf(draft));
  if (checked.success) return;
  throw new FormRefused(
    Object.fromEntries(
      checked.error.issues.map(({ path, message }) => [["features", ...path].join("."), message]),
    ),
  );
}
