/** Usage & limits: an admin sees the account's, an owner that of their features, a member their own (rules, 9 and 10). */
import { accountPage } from "../../define.tsx";
import type { AccountPage } from "../../page.tsx";
import { type AccountUsage, AccountUsageView, loadAccountUsage } from "./usage-account.tsx";
import { loadOwnUsage, type OwnUsage, OwnUsageView } from "./usage-own.tsx";

type UsageData = AccountUsage | OwnUsage | { readonly kind: "nothing" };

export const usagePage = accountPage<UsageData>({
  path: "",
  nav: "usage",
  needs: null,
  title: ({ kind }) => (kind === "own" ? "Usage" : "Usage & limits"),
  load: (page) => {
    if (page.may("see_money")) return loadAccountUsage(page);
    return hasUsage(page) ? loadOwnUsage(page) : Promise.resolve({ kind: "nothing" });
  },
  view: (data, page) => {
    switch (data.kind) {
      case "account":
        return <AccountUsageView data={data} page={page} />;
      case "own":
        return <OwnUsageView data={data} page={page} />;
      case "nothing":
        return <NoPages page={page} />;
    }
  },
});

/** A feature owner has a place here before they own a feature. */
function hasUsage({ viewer, may }: AccountPage): boolean {
  if (viewer.kind === "operator") return true;
  return may("see_usage", { user: viewer.user }) || viewer.roles.includes("feature_owner");
}

/** Billing contacts receive, they decide nothing. */
function NoPages({ page }: { readonly page: AccountPage }) {
  return (
    <>
      <h1>Nothing to see here</h1>
      <p>
        You receive the invoices and notices of {page.accountName} by e-mail. Usage and billing pages are for
        the account’s admins: ask one of them for another role.
      </p>
    </>
  );
}
