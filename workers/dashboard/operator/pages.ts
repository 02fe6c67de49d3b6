/** Every page of the operator. */
import type { PageModule } from "../define.tsx";
import { accountPage } from "./account.tsx";
import { accountsPage } from "./accounts.tsx";
import { auditPage } from "./audit.tsx";
import { deadLetterPage, deadLettersPage } from "./dead-letters.tsx";
import { deliveriesPage } from "./deliveries.tsx";
import { healthPage } from "./health.tsx";
import { keysPage } from "./keys.tsx";
import { openAccountPage } from "./open-account.tsx";
import { rateSheetPage } from "./rate-sheet.tsx";
import { newRateSheetPage } from "./rate-sheet-new.tsx";
import { rateSheetsPage } from "./rate-sheets.tsx";
import { testClocksPage } from "./test-clocks.tsx";
import { webhooksPage } from "./webhooks.tsx";

export const operatorPages: readonly PageModule[] = [
  healthPage,
  accountsPage,
  openAccountPage,
  accountPage,
  rateSheetsPage,
  // Before the one whose last part is a version.
  newRateSheetPage,
  rateSheetPage,
  deliveriesPage,
  deadLettersPage,
  deadLetterPage,
  webhooksPage,
  testClocksPage,
  keysPage,
  auditPage,
];
