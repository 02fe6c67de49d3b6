/** What the demo operator sells: AI features by the credit in four categories, plans, packs and overage rates. */
import type { Catalog, PublishRateSheet } from "../../../shared/client/types.ts";

export const DEMO_FEATURES: PublishRateSheet["features"] = [
  {
    feature: "assistant",
    name: "Assistant",
    category: "Customer support",
    description: "Answers in the help centre, priced by the tokens of each model call",
    actions: [
      { action: "input_tokens", name: "Input tokens", credits: 1, per: 1000 },
      { action: "output_tokens", name: "Output tokens", credits: 4, per: 1000 },
    ],
  },
  {
    feature: "customer_agent",
    name: "Customer agent",
    category: "Customer support",
    description: "Handles conversations from the first question to the solution",
    actions: [{ action: "conversation_handled", name: "Conversation handled", credits: 10 }],
  },
  {
    feature: "prospecting_agent",
    name: "Prospecting agent",
    category: "Prospecting",
    description: "Researches leads and watches contacts for reasons to call",
    actions: [
      { action: "lead_researched", name: "Lead researched", credits: 5 },
      { action: "contact_watched", name: "Contact watched for a month", credits: 10 },
    ],
  },
  {
    feature: "meeting_scout",
    name: "Meeting scout",
    category: "Prospecting",
    description: "Proposes the people to meet at an event",
    beta: true,
    actions: [{ action: "profile_matched", name: "Profile matched", credits: 2 }],
  },
  {
    feature: "data_agent",
    name: "Data agent",
    category: "Data enrichment",
    description: "Fills in what is missing in records and runs agent flows over them",
    actions: [
      { action: "record_enriched", name: "Record enriched", credits: 1 },
      { action: "flow_actions", name: "Flow actions", credits: 13, per: 100 },
    ],
  },
  {
    feature: "content_agent",
    name: "Content agent",
    category: "Content",
    description: "Drafts posts and newsletters, and works through pages",
    actions: [
      { action: "post_drafted", name: "Post drafted", credits: 20 },
      { action: "page_processed", name: "Page processed", credits: 8 },
    ],
  },
  {
    feature: "document_reader",
    name: "Document reader",
    category: "Content",
    description: "Reads long documents, priced by started blocks of tokens",
    actions: [{ action: "tokens_read", name: "Tokens read", credits: 5, per: 10_000, blocks: true }],
  },
];

/** As announced for later: longer answers cost more, and the beta feature gets its price. */
export const DEMO_FEATURES_AHEAD: PublishRateSheet["features"] = DEMO_FEATURES.map((feature) => {
  if (feature.feature === "meeting_scout") return { ...feature, beta: false };
  if (feature.feature !== "assistant") return feature;
  const actions = feature.actions.map((rate) =>
    rate.action === "output_tokens" ? { ...rate, credits: 5 } : rate,
  );
  return { ...feature, actions };
});

export const DEMO_CATALOG: Catalog = {
  plans: [
    { plan: "starter", name: "Starter", includedCredits: 500 },
    { plan: "professional", name: "Professional", includedCredits: 3000 },
    { plan: "enterprise", name: "Enterprise", includedCredits: 5000 },
  ],
  packs: [
    {
      pack: "pack-1000",
      name: "1,000 credits a month",
      credits: 1000,
      prices: [
        { amountMinor: 1000, currency: "USD" },
        { amountMinor: 950, currency: "EUR" },
      ],
      upgrade: true,
    },
    {
      pack: "pack-10000",
      name: "10,000 credits a month",
      credits: 10_000,
      prices: [
        { amountMinor: 9000, currency: "USD" },
        { amountMinor: 8550, currency: "EUR" },
      ],
    },
  ],
  overageRates: [
    { currency: "USD", price: "0.010" },
    { currency: "EUR", price: "0.010" },
  ],
  seller: {
    name: "Example Software Inc.",
    address: "1 Main Street\nSpringfield, IL 62701\nUSA",
    taxIds: ["US 12-3456789"],
  },
};
