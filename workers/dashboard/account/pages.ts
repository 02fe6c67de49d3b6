/** Every page of an account. */
import type { PageModule } from "../define.tsx";
import { auditPage } from "./audit/audit.tsx";
import { bannerDismissal } from "./banners.tsx";
import { budgetPage } from "./budgets/budget.tsx";
import { budgetsPage } from "./budgets/budgets.tsx";
import { featurePage } from "./features/feature.tsx";
import { featuresPage } from "./features/features.tsx";
import { historyPage } from "./history/history.tsx";
import { insightsPage } from "./insights/insights.tsx";
import { invoicePage } from "./invoices/invoice.tsx";
import { invoicesPage } from "./invoices/invoices.tsx";
import { entryPage } from "./log/entry.tsx";
import { logPage } from "./log/log.tsx";
import { downloads } from "./log/log-download.tsx";
import { notificationsPage } from "./notifications/notifications.tsx";
import { packPage } from "./packs/pack.tsx";
import { packsPage } from "./packs/packs.tsx";
import { buyPacksPage } from "./packs/packs-buy.tsx";
import { peoplePage } from "./people/people.tsx";
import { personPage } from "./people/person.tsx";
import { personErasurePage, personRemovalPage } from "./people/person-leave.tsx";
import { pricesPage } from "./prices/prices.tsx";
import { settingsPage } from "./settings/settings.tsx";
import { usagePage } from "./usage/usage.tsx";

export const accountPages: readonly PageModule[] = [
  bannerDismissal,
  downloads,
  logPage,
  entryPage,
  historyPage,
  insightsPage,
  usagePage,
  featuresPage,
  featurePage,
  pricesPage,
  peoplePage,
  personPage,
  personRemovalPage,
  personErasurePage,
  budgetsPage,
  budgetPage,
  notificationsPage,
  auditPage,
  settingsPage,
  packsPage,
  buyPacksPage,
  packPage,
  invoicesPage,
  invoicePage,
];
