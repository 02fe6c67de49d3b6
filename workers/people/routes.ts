/** Users, features and budgets of an account. */
import { createRouter } from "../ingest/http.ts";
import { budgetRoutes } from "./budgets.ts";
import { featureRoutes } from "./features.ts";
import { userRoutes } from "./users.ts";

export const peopleRoutes = createRouter()
  .route("/", userRoutes)
  .route("/", featureRoutes)
  .route("/", budgetRoutes);
