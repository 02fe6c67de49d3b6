/** The demo's three accounts: one mid-way, one in overage, one that has run out. */
import type { BuyPack, CreateAccount, PutUser, UsageMode } from "../../../shared/client/types.ts";
import type { UsageHabits } from "./usage.ts";

export interface DemoAccount {
  readonly account: Omit<CreateAccount, "anchorDate">;
  /** How long ago its period began. */
  readonly daysIntoPeriod: number;
  readonly users: Readonly<Record<string, PutUser>>;
  readonly pack: BuyPack | null;
  readonly habits: UsageHabits;
  /** consume: what no longer fits is denied, and the account ends exhausted. */
  readonly mode: UsageMode;
}

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
  },
  daysIntoPeriod: 14,
  users: {
    u_ada: { name: "Ada Park", email: "ada@acme.example", roles: ["super_admin"] },
    u_ben: { name: "Ben Ortiz", email: "ben@acme.example", roles: ["billing_admin"] },
    u_cleo: { name: "Cleo Marsh", email: "cleo@acme.example", roles: ["feature_owner"] },
    u_dan: { name: "Dan Okafor", email: "dan@acme.example", roles: ["member"] },
    u_12: { name: "Eve Lindqvist", email: "eve@acme.example", roles: ["member"] },
  },
  pack: { pack: "pack-1000", quantity: 1, overageSetting: "auto_upgrade" },
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
  habits: {
    events: 200,
    users: ["hanno", "hanno", "gudrun"],
    uses: ["document", "lead", "record", "record", "flow", "post", "page"],
  },
  mode: "record",
};

const INITECH: DemoAccount = {
  account: { account: "initech", name: "Initech", plans: ["starter"], timeZone: "America/Chicago" },
  daysIntoPeriod: 24,
  users: {
    bill: { name: "Bill Lumbergh", email: "bill@initech.example", roles: ["super_admin"] },
    peter: { name: "Peter Gibbons", email: "peter@initech.example", roles: ["member"] },
  },
  pack: null,
  habits: { events: 150, users: ["peter", "peter", "bill"], uses: ["conversation", "record", "flow"] },
  mode: "consume",
};

export const DEMO_ACCOUNTS: readonly DemoAccount[] = [ACME, GLOBEX, INITECH];
