/** The routes of an account itself: terms and status, packs, settings, grants, conversions, own rates. */
import { createRouter } from "../ingest/http.ts";
import { accountRoutes as termRoutes } from "./accounts.ts";
import { conversionImportRoutes } from "./conversion-import.ts";
import { conversionRoutes } from "./conversions.ts";
import { grantRoutes } from "./grants.ts";
import { accountListRoutes } from "./list.ts";
import { ownRateRoutes } from "./own-rates.ts";
import { packQuoteRoutes } from "./pack-quotes.ts";
import { packRoutes } from "./packs.ts";
import { settingRoutes } from "./settings.ts";
import { statusRoutes } from "./status.ts";

export const accountRoutes = createRouter();
for (const routes of [
  termRoutes,
  accountListRoutes,
  statusRoutes,
  packRoutes,
  packQuoteRoutes,
  settingRoutes,
  grantRoutes,
  conversionRoutes,
  conversionImportRoutes,
  ownRateRoutes,
]) {
  accountRoutes.route("/", routes);
}
