/** The demo's accounts that follow real time: one mid-way with every rule in use, one in overage, one that has run out. */
import type {
  AddGrant,
  BuyPack,
  CorrectEvent,
  CreateAccount,
  OpenHold,
  PutBudget,
  PutFeature,
  PutUser,
  SetAccountRates,
  UsageMode,
} from "../../../shared/client/types.ts";
import type { UsageHabits } from "./usage.ts";

export interface DemoAccount {
  readonly account: Omit<CreateAccount, "anchorDate">;
  /** How long ago its period began. */
  readonly daysIntoPeriod: number;
  readonly users: Readonly<Record<string, PutUser>>;
  readonly pack: BuyPack | null;
  readonly grants: readonly AddGrant[];
  readonly budgets: Readonly<Record<string, PutBudget>>;
  readonly habits: UsageHabits;
  /** consume: what no longer fits is denied, and the account ends exhausted. */
  readonly mode: UsageMode;
  /** Owners, access and rates of its own, as they are after the usage. */
  readonly features: Readonly<Record<string, PutFeature>>;
  readonly rates: SetAccountRates["rates"];
  readonly holds: readonly DemoHold[];
  /** Events that were booked by mistake. */
  readonly corrections: readonly CorrectEvent[];
}

export interface DemoHold {
  readonly event: Omit<OpenHold, "account">;
  /** What it really cost; null: it is open. */
  readonly capturedQuantity: number | null;
}

const DAY_SECONDS = 24 * 60 * 60;

const ACME: DemoAccount = {
  account: {
    account: "acme",
    name: "Acme Corporation",
    plans: ["professional"],
    timeZone: "America/New_York",
    buyer: {
      name: "Acme Corporation",
      address: "500 Fifth Avenue\nNew York, NY 10110\nUSA",
      taxIds: ["US 98-7654321"],
      purchaseOrder: "PO-2207",
    },
    tax: { name: "Sales tax", percent: "8.875" },
    creditOwner: "u_ben",
    hourlyValue: { amountMinor: 4500, currency: "USD" },
  },
  daysIntoPeriod: 14,
  users: {
    u_ada: { name: "Ada Park", email: "ada@acme.example", roles: ["super_admin"] },
    u_ben: {
      name: "Ben Ortiz",
      email: "ben@acme.example",
      roles: ["billing_admin"],
      notify: { optIn: ["projection", "spike", "waste"] },
    },
    u_cleo: { name: "Cleo Marsh", email: "cleo@acme.example", roles: ["feature_owner"], teams: ["support"] },
    u_dan: { name: "Dan Okafor", email: "dan@acme.example", roles: ["member"], teams: ["support"] },
    u_12: {
      name: "Eve Lindqvist",
      email: "eve@acme.example",
      roles: ["member"],
      teams: ["support", "sales"],
    },
  },
  pack: { pack: "pack-1000", quantity: 1, overageSetting: "auto_upgrade" },
  grants: [{ credits: 250, reason: "Make-good for the outage of last month" }],
  budgets: {
    support: { subject: "team", key: "support", credits: 2000 },
    leads: { subject: "feature", key: "prospecting_agent", credits: 600, hard: true },
    triage: { subject: "workflow", key: "ticket-triage", credits: 1000 },
  },
  habits: {
    events: 400,
    users: ["u_12", "u_12", "u_dan", "u_dan", "u_cleo", "u_ada"],
    uses: [
      "assistant",
      "assistant",
      "conversation",
      "conversation",
      "lead",
      "record",
      "flow",
      "post",
      "match",
    ],
  },
  mode: "record",
  features: {
    customer_agent: { owner: "u_cleo" },
    assistant: { owner: "u_cleo" },
    prospecting_agent: { owner: "u_ben", access: { teams: ["sales"] } },
    document_reader: { paused: true },
  },
  rates: [{ feature: "customer_agent", action: "conversation_handled", credits: 8 }],
  holds: [
    {
      event: {
        id: "demo_acme_newsletter",
        feature: "content_agent",
        action: "post_drafted",
        quantity: 3,
        user: "u_ada",
        workflow: "newsletter",
        expiresInSeconds: DAY_SECONDS,
      },
      capturedQuantity: null,
    },
    {
      event: {
        id: "demo_acme_answer",
        feature: "assistant",
        action: "output_tokens",
        quantity: 4000,
        user: "u_dan",
        workflow: "help-centre",
        expiresInSeconds: DAY_SECONDS,
      },
      capturedQuantity: 2875,
    },
  ],
  corrections: [{ event: "demo_acme_390", reason: "the customer got no answer" }],
};

const GLOBEX: DemoAccount = {
  account: {
    account: "globex",
    name: "Globex GmbH",
    plans: ["starter"],
    currency: "EUR",
    timeZone: "Europe/Berlin",
    buyer: {
      name: "Globex GmbH",
      address: "Beispielstraße 12\n10117 Berlin\nDeutschland",
      taxIds: ["DE123456789"],
      purchaseOrder: null,
    },
    netDays: 14,
    tax: { name: "USt.", percent: "19" },
  },
  daysIntoPeriod: 20,
  users: {
    gudrun: { name: "Gudrun Falk", email: "gudrun@globex.example", roles: ["super_admin", "billing_admin"] },
    books: { name: "Buchhaltung", email: "rechnung@globex.example", roles: ["billing_contact"] },
    hanno: { name: "Hanno Weiß", email: "hanno@globex.example", roles: ["member"] },
  },
  pack: { pack: "pack-1000", quantity: 1, overageSetting: "pay_as_you_go", maximum: 2500 },
  grants: [],
  budgets: { hanno: { subject: "user", key: "hanno", credits: 1200 } },
  habits: {
    events: 200,
    users: ["hanno", "hanno", "gudrun"],
    uses: ["document", "lead", "record", "record", "flow", "post", "page"],
  },
  mode: "record",
  features: {},
  rates: [],
  holds: [],
  corrections: [],
};

const INITECH: DemoAccount = {
  account: { account: "initech", name: "Initech", plans: ["starter"], timeZone: "America/Chicago" },
  daysIntoPeriod: 24,
  users: {
    bill: { name: "Bill Lumbergh", email: "bill@initech.example", roles: ["super_admin"] },
    peter: { name: "Peter Gibbons", email: "peter@initech.example", roles: ["member"] },
  },
  pack: null,
  grants: [],
  budgets: {},
  habits: { events: 150, users: ["peter", "peter", "bill"], uses: ["conversation", "record", "flow"] },
  mode: "consume",
  features: {},
  rates: [],
  holds: [],
  corrections: [],
};

export const DEMO_ACCOUNTS: readonly DemoAccount[] = [ACME, GLOBEX, INITECH];
