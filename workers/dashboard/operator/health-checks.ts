/** What each part of the pipeline says of itself: how grave it is, and what to do. */
import { COUNT_MAX } from "../../../shared/api/status.ts";
import type { Status } from "../../../shared/client/types.ts";
import type { Format } from "../format.ts";
import { ageInWords } from "./age-words.ts";

export interface Check {
  readonly name: string;
  readonly tone: "good" | "warning" | "critical" | "plain";
  /** How it stands, with figures. */
  readonly now: string;
  /** "" where there is nothing to do. */
  readonly todo: string;
  readonly link?: { readonly href: string; readonly label: string };
}

type Pipeline = NonNullable<Status["pipeline"]>;
type Moment = Pipeline["cron"]["lastRun"];

/** Cron runs each minute; one missed run is no reason to worry. */
const CRON_QUIET_SECONDS = 3 * 60;
const ANSWER_SLOW_MS = 1000;

export function checksOf(status: Status, format: Format): readonly Check[] {
  const { pipeline } = status;
  if (pipeline === null) return [databaseCheck(status, format)];
  return [
    databaseCheck(status, format),
    cronCheck(status, pipeline, format),
    logCheck(pipeline, format),
    billingCheck(pipeline, format),
    deliveriesCheck(pipeline, format),
    failedCheck(pipeline, format),
    deadLettersCheck(pipeline, format),
  ];
}

export function overall(checks: readonly Check[]): { readonly tone: Check["tone"]; readonly text: string } {
  if (checks.some(({ tone }) => tone === "critical"))
    return { tone: "critical", text: "Something needs you" };
  if (checks.some(({ tone }) => tone === "warning")) return { tone: "warning", text: "Worth a look" };
  return { tone: "good", text: "All is well" };
}

function databaseCheck({ database }: Status, { count }: Format): Check {
  const { reachable, answeredInMs } = database;
  if (!reachable) {
    return {
      name: "Database",
      tone: "critical",
      now: "D1 does not answer.",
      todo: "Accounts go on without it and keep what they decide. Look at Cloudflare's status, then here again.",
    };
  }
  const isSlow = (answeredInMs ?? 0) > ANSWER_SLOW_MS;
  return {
    name: "Database",
    tone: isSlow ? "warning" : "good",
    now: answeredInMs === null ? "It answers." : `It answered in ${count(answeredInMs)} ms.`,
    todo: isSlow ? "Slow answers delay pages and reports. Look at D1's metrics." : "",
  };
}

function cronCheck({ problems }: Status, { cron }: Pipeline, format: Format): Check {
  const { lastRun } = cron;
  const isLate = problems.includes("cron_late");
  const isQuiet = lastRun === null || lastRun.ageSeconds > CRON_QUIET_SECONDS;
  return {
    name: "Cron",
    tone: isLate ? "critical" : isQuiet ? "warning" : "good",
    now: lastRun === null ? "It has not run yet." : `Its last good run was ${ago(lastRun, format)}.`,
    todo:
      isLate || isQuiet
        ? "It runs each minute. Look for errors in the Worker's logs, and for its trigger in wrangler.toml."
        : "",
  };
}

function logCheck({ log }: Pipeline, format: Format): Check {
  const { lastStored } = log;
  return {
    name: "Usage log",
    tone: "plain",
    now:
      lastStored === null
        ? "No entry has come into the log yet."
        : `Entries last came in ${ago(lastStored, format)}.`,
    todo:
      lastStored === null
        ? "They come within seconds of the first use."
        : "They come within seconds of each use. Older than your last use: look at the usage queue.",
  };
}

function billingCheck({ billing }: Pipeline, format: Format): Check {
  const { accountsOverdue, oldestUnsettled } = billing;
  if (accountsOverdue === 0) {
    return {
      name: "Billing",
      tone: "good",
      now:
        oldestUnsettled === null
          ? "No account waits."
          : `An account is due since ${ageInWords(oldestUnsettled.ageSeconds, format.count)}.`,
      todo: "",
    };
  }
  return {
    name: "Billing",
    tone: "critical",
    now: `${counted(accountsOverdue, format)} ${accountsOverdue === 1 ? "account is" : "accounts are"} overdue${since(oldestUnsettled, format)}.`,
    todo: "Invoices come late. Look at dead letters of the billing queue and at the Worker's logs; cron tries again each minute.",
    link: { href: "/operator/dead-letters?queue=drawdown-billing", label: "Dead letters" },
  };
}

function deliveriesCheck({ deliveries }: Pipeline, format: Format): Check {
  const { pending, oldestPending, overdue } = deliveries;
  const waits = `${counted(pending, format)} waiting${since(oldestPending, format)}`;
  if (overdue === 0) {
    return {
      name: "Deliveries",
      tone: "good",
      now: pending === 0 ? "None waits." : `${waits}.`,
      todo: pending === 0 ? "" : "Receivers that do not answer are tried again for a day.",
    };
  }
  return {
    name: "Deliveries",
    tone: "critical",
    now: `${waits}, ${counted(overdue, format)} of them overdue.`,
    todo: "Nobody tries them any more. Look at dead letters of the notifications queue; cron finds them again.",
    link: { href: "/operator/deliveries?status=pending", label: "Waiting deliveries" },
  };
}

function failedCheck({ deliveries }: Pipeline, format: Format): Check {
  const { failed, oldestFailed } = deliveries;
  if (failed === 0) return { name: "Failed deliveries", tone: "good", now: "None was given up.", todo: "" };
  return {
    name: "Failed deliveries",
    tone: "warning",
    now: `${counted(failed, format)} given up${since(oldestFailed, format)}.`,
    todo: "Mend the receivers, then resend.",
    link: { href: "/operator/deliveries?status=failed", label: "Failed deliveries" },
  };
}

function deadLettersCheck({ deadLetters }: Pipeline, format: Format): Check {
  const { waiting, oldest } = deadLetters;
  if (waiting === 0) return { name: "Dead letters", tone: "good", now: "None waits.", todo: "" };
  return {
    name: "Dead letters",
    tone: "critical",
    now: `${counted(waiting, format)} ${waiting === 1 ? "waits" : "wait"}${since(oldest, format)}.`,
    todo: "Find the error in the Worker's logs, then resend them: what they do is done once all the same.",
    link: { href: "/operator/dead-letters?resent=false", label: "Dead letters" },
  };
}

function counted(count: number, format: Format): string {
  return count >= COUNT_MAX ? `${format.count(COUNT_MAX)} or more` : format.count(count);
}

function ago(moment: NonNullable<Moment>, format: Format): string {
  return `${ageInWords(moment.ageSeconds, format.count)} ago`;
}

function since(moment: Moment, format: Format): string {
  return moment === null ? "" : `, the oldest since ${ageInWords(moment.ageSeconds, format.count)}`;
}
