/**
 * The public rate sheets of three vendors, as read in 2026, can all be expressed (rules, 8.2). What quantities cost is
 * worked out by hand.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { publishRateSheetSchema, toFeatures } from "../../shared/api/rate-sheets.ts";
import { eventSchema, toUsageEvent } from "../../shared/api/usage.ts";
import { quote, type RateSheet } from "../../shared/credits/rates.ts";
import { credits } from "./fixtures.ts";

/** An example of docs/rate-sheets, as publishing it would read it. */
function exampleSheet(name: string): RateSheet {
  const text = readFileSync(new URL(`../../docs/rate-sheets/${name}.json`, import.meta.url), "utf8");
  const body = publishRateSheetSchema.parse(JSON.parse(text));
  return { version: 1, effectiveAtMs: 0, features: toFeatures(body.features) };
}

/** What an event costs that says so on the wire, in micro-credits. */
function costOf(sheet: RateSheet, feature: string, items: readonly { action: string; quantity: number }[]) {
  const event = toUsageEvent(eventSchema.parse({ account: "acme", id: "e", feature, items }));
  const priced = quote(sheet, event.feature, event.items);
  if ("kind" in priced) throw new Error(priced.kind);
  return priced.creditsMicros;
}

/** Feature, action, quantity and its credits. */
type Cost = readonly [feature: string, action: string, quantity: number, credits: number];

const HUBSPOT: readonly Cost[] = [
  ["customer_agent", "conversation_handled", 0, 0],
  ["customer_agent", "conversation_handled", 1, 100],
  ["customer_agent", "conversation_handled", 27, 2700],
  ["customer_agent", "conversation_handled", 0.5, 50],
  ["data_agent", "record_enriched", 1, 10],
  ["data_agent", "record_enriched", 3, 30],
  ["data_agent", "record_enriched", 0.000001, 0.00001],
  ["prospecting_agent", "contact_watched", 1, 100],
  ["prospecting_agent", "contact_watched", 250, 25_000],
];

const COPILOT: readonly Cost[] = [
  ["agents", "classic_answer", 0, 0],
  ["agents", "classic_answer", 7, 7],
  ["agents", "generative_answer", 7, 14],
  ["agents", "agent_action", 3, 15],
  ["agents", "tenant_graph_grounding", 4, 40],
  ["agent_flows", "flow_action", 1, 0.13],
  ["agent_flows", "flow_action", 99, 12.87],
  ["agent_flows", "flow_action", 100, 13],
  ["agent_flows", "flow_action", 101, 13.13],
  ["agent_flows", "flow_action", 0.000001, 0.000001],
  ["ai_tools", "basic_response", 1, 0.1],
  ["ai_tools", "basic_response", 11, 1.1],
  ["ai_tools", "standard_response", 9, 13.5],
  ["ai_tools", "standard_response", 10, 15],
  ["ai_tools", "premium_response", 3, 30],
  ["content_processing", "page", 12, 96],
  ["content_processing", "page", 2.5, 20],
];

const FLEX: readonly Cost[] = [
  ["agents", "standard_action", 0, 0],
  ["agents", "standard_action", 0.5, 20],
  ["agents", "standard_action", 1, 20],
  ["agents", "standard_action", 9_999, 20],
  ["agents", "standard_action", 10_000, 20],
  ["agents", "standard_action", 10_000.000001, 40],
  ["agents", "standard_action", 10_001, 40],
  ["agents", "standard_action", 1_000_000, 2000],
  ["agents", "voice_action", 1, 30],
  ["agents", "voice_action", 10_000, 30],
  ["agents", "voice_action", 20_001, 90],
];

describe.each([
  ["hubspot-credits", HUBSPOT],
  ["microsoft-copilot-credits", COPILOT],
  ["salesforce-flex-credits", FLEX],
])("%s", (name, costs) => {
  const sheet = exampleSheet(name);

  test.each(costs)("%s, %s: %d cost %d credits", (feature, action, quantity, amount) => {
    expect(costOf(sheet, feature, [{ action, quantity }])).toBe(credits(amount));
  });

  test("every action of the sheet has a cost above", () => {
    const listed = sheet.features.flatMap(({ feature, actions }) =>
      actions.map(({ action }) => `${feature}/${action}`),
    );
    expect(new Set(costs.map(([feature, action]) => `${feature}/${action}`))).toEqual(new Set(listed));
  });
});

describe("one event with several actions", () => {
  test("is the sum of its items, each in its own blocks", () => {
    const items = [
      { action: "standard_action", quantity: 6_000 },
      { action: "voice_action", quantity: 6_000 },
    ];
    expect(costOf(exampleSheet("salesforce-flex-credits"), "agents", items)).toBe(credits(50));
  });

  test("adds up answers, actions and grounding of one conversation", () => {
    const items = [
      { action: "generative_answer", quantity: 4 },
      { action: "agent_action", quantity: 2 },
      { action: "tenant_graph_grounding", quantity: 1 },
    ];
    expect(costOf(exampleSheet("microsoft-copilot-credits"), "agents", items)).toBe(credits(28));
  });
});
