/** What a reader of the API's description is told first: the conventions, and what the routes are about. */

export const DESCRIPTION = `Credit metering and billing: ask before a paid feature runs, and each use is booked exactly once.

**Start.** An operator publishes a catalogue (\`PUT /v1/catalog\`) and a rate sheet (\`POST /v1/rate-sheets\`) and opens an \
account per customer (\`POST /v1/accounts\`). The product calls \`POST /v1/consume\`, or \`POST /v1/holds\` where the cost is known \
only afterwards. A denial is an answer (200, \`allowed: false\`), not an error.

**Keys.** Send \`Authorization: Bearer <key>\`. A key has scopes (\`consume\`, \`read\`, \`admin\`); each route says which one it \
needs. It has a mode (\`live\`, \`test\`): accounts, deliveries and endpoints of one mode do not exist for keys of the other.

**Ids and retries.** Each event has an id of the caller's. The same id with the same content returns the first answer again \
(\`replayed: true\`) and books nothing, so after a lost answer or a 5xx send the same again. Purchases, grants, conversions and \
corrections take an \`Idempotency-Key\` with the same promise.

**Values.** Times are RFC 3339. Credits are JSON numbers with at most 6 decimals; what does not fit is refused, never rounded. \
Money is \`{ "amountMinor": 230, "currency": "USD" }\`, in the currency's minor unit; unit prices are decimal strings. A usage period is named by its \
first local day.

**Lists** are \`{ data, nextCursor }\`: pass \`nextCursor\` as \`cursor\` for the next page, until it is null. Some lists are \
exported whole, with \`Accept: text/csv\` or \`application/x-ndjson\`.

**Errors** are RFC 9457 problem documents: \`code\` is stable and for programs, \`errors\` names each bad field, \`detail\` says the \
way out. Unknown fields and query parameters are refused by name.

**How much is left.** Answers about credits carry \`RateLimit\` and \`RateLimit-Policy\`: whole credits available, seconds to the reset.`;

/** Every tag, in the order in which a newcomer needs them. */
export const TAGS: readonly (readonly [name: string, description: string])[] = [
  ["Usage", "What a product calls: check, consume, hold, record, correct, attach an outcome."],
  ["Accounts", "One per customer: terms, status, closed periods, the proof of its figures."],
  ["Packs and settings", "What raises an account's limit, and what happens above it."],
  ["Reports", "Balance, price list, usage, log, what became of an event, forecast, insights."],
  ["Invoices", "What an account costs, its invoices and what becomes of them."],
  ["Users", "The account's people and their roles."],
  ["Features", "Pause, owner and access of a feature in one account."],
  ["Budgets", "Credits per period for a user, team, feature or workflow."],
  ["Notifications", "What people are told, and banners for your own pages."],
  ["Pages", "Sign-in links to the account's own pages."],
  ["Audit", "Who changed what."],
  ["Own rates", "Rates agreed with one account, which override the rate sheet."],
  ["Conversions", "Packs of an earlier product."],
  ["Catalogue", "What the operator sells: plans, packs, overage rates; the seller on invoices."],
  ["Rate sheets", "How many credits each action costs, in versions."],
  ["API keys", "Who may call."],
  ["Webhook endpoints", "Where notices are posted."],
  ["Deliveries", "What was sent to whom, and sending it again."],
  ["Dead letters", "Messages that failed every retry."],
  ["Operations", "Whether the pipeline keeps up."],
  ["Test clocks", "Time as an input, for accounts of test mode."],
];
