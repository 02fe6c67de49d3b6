/** What use is going to be, and what it says: forecast and insights. */
import { createRouter } from "../ingest/http.ts";
import { forecastRoutes } from "./forecast.ts";
import { insightsRoutes } from "./insights.ts";
import { settingsQuoteRoutes } from "./settings-quotes.ts";

export const insightRoutes = createRouter();
for (const routes of [forecastRoutes, insightsRoutes, settingsQuoteRoutes]) insightRoutes.route("/", routes);
