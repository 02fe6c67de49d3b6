/** The navigation: what there is, and who is shown it. */
import type { Capability } from "../../shared/credits/permissions.ts";

/** Which entry a page belongs to. */
export type NavId = string;

interface NavItem {
  readonly id: string;
  readonly label: string;
  /** Below the account's root, or below /operator. */
  readonly path: string;
  /** Shown to whoever has it in any reach. */
  readonly needs: Capability;
}

export interface NavGroup {
  readonly label: string;
  readonly items: readonly NavItem[];
}

export const ACCOUNT_NAV: readonly NavGroup[] = [
  {
    label: "Usage",
    items: [
      { id: "usage", label: "Usage & limits", path: "", needs: "see_usage" },
      { id: "features", label: "Features", path: "/features", needs: "see_price_list" },
      { id: "prices", label: "Price list", path: "/prices", needs: "see_price_list" },
      { id: "history", label: "History", path: "/history", needs: "see_usage" },
      { id: "log", label: "Usage log", path: "/log", needs: "see_usage" },
      { id: "insights", label: "Insights", path: "/insights", needs: "see_money" },
    ],
  },
  {
    label: "Billing",
    items: [
      { id: "settings", label: "Credit settings", path: "/settings", needs: "see_money" },
      { id: "packs", label: "Packs", path: "/packs", needs: "see_money" },
      { id: "invoices", label: "Invoices", path: "/invoices", needs: "see_money" },
    ],
  },
  {
    label: "Account",
    items: [
      { id: "people", label: "People", path: "/people", needs: "manage_users" },
      { id: "budgets", label: "Budgets", path: "/budgets", needs: "see_money" },
      { id: "notifications", label: "Notifications", path: "/notifications", needs: "see_money" },
      { id: "audit", label: "Audit log", path: "/audit", needs: "see_money" },
    ],
  },
];

export const OPERATOR_NAV: readonly NavGroup[] = [
  {
    label: "Operator",
    items: [
      { id: "accounts", label: "Accounts", path: "/accounts", needs: "see_usage" },
      { id: "health", label: "Health", path: "", needs: "see_usage" },
      { id: "rate-sheets", label: "Rate sheets", path: "/rate-sheets", needs: "see_usage" },
      { id: "deliveries", label: "Deliveries", path: "/deliveries", needs: "see_usage" },
      { id: "dead-letters", label: "Dead letters", path: "/dead-letters", needs: "see_usage" },
      { id: "webhooks", label: "Webhooks", path: "/webhooks", needs: "see_usage" },
      { id: "test-clocks", label: "Test clocks", path: "/test-clocks", needs: "see_usage" },
      { id: "keys", label: "API keys", path: "/keys", needs: "see_usage" },
      { id: "operator-audit", label: "Audit log", path: "/audit", needs: "see_usage" },
    ],
  },
];
