/**
 * The worked examples of the rules (section 13), by number, through the API, with test accounts on test clocks: all that
 * each row says of limit, packs, state, entries, notices and invoices, and that nothing else is told or billed.
 */

import { holdExamples } from "./examples/holds.ts";
import { limitExamples } from "./examples/limit.ts";
import { maximumExamples } from "./examples/maximum.ts";
import { noticeExamples } from "./examples/notices.ts";
import { overageExamples } from "./examples/overage.ts";
import { packExamples } from "./examples/packs.ts";
import { periodExamples } from "./examples/periods.ts";
import { priceExamples } from "./examples/prices.ts";
import { sameEventExamples } from "./examples/same-event.ts";
import { settingExamples } from "./examples/settings.ts";
import { useServer } from "./support/server.ts";

const server = useServer();

overageExamples(server);
limitExamples(server);
holdExamples(server);
packExamples(server);
settingExamples(server);
maximumExamples(server);
noticeExamples(server);
sameEventExamples(server);
periodExamples(server);
priceExamples(server);
