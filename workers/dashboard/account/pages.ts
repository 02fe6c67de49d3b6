/** Every page of an account. */
import type { PageModule } from "../define.tsx";
import { auditPage } from "./audit.tsx";
import { bannerDismissal } from "./banners.tsx";
import { budgetPage } from "./budget.tsx";
import { budgetsPage } from "./budgets.tsx";
import { entryPage } from "./entry.tsx";
import { featurePage } from "./feature.tsx";
import { featuresPage } from "./features.tsx";
import { historyPage } from "./history.tsx";
import { insightsPage } from "./insights.tsx";
import { invoicePage } from "./invoice.tsx";
import { invoicesPage } from "./invoices.tsx";
import { logPage } from "./log.tsx";
import { downloads } from "./log-download.tsx";
import { notificationsPage } from "./notifications.tsx";
import { packPage } from "./pack.tsx";
import { packsPage } from "./packs.tsx";
import { buyPacksPage } from "./packs-buy.tsx";
import { peoplePage } from "./people.tsx";
import { personPage } from "./person.tsx";
import { personErasurePage, personRemovalPage } from "./person-leave.tsx";
import { pricesPage } from "./prices.tsx";
import { settingsPage } from "./settings.tsx";
import { usagePage } from "./usage.tsx";

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
