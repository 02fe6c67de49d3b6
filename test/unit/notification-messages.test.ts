import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { notificationData, notificationDataSchema } from "../../shared/api/notification-data.ts";
import { notificationIdOf, publicNotificationId } from "../../shared/notification-id.ts";
import type { NotificationContent } from "../../shared/queues.ts";
import { creditsText, instantText, moneyText } from "../../shared/text.ts";
import { emailOf } from "../../workers/notifications/email.ts";
import { messageOf, readerOf } from "../../workers/notifications/messages.ts";
import { whyTold } from "../../workers/notifications/receivers.ts";
import {
  isGivenUp,
  isLastAttempt,
  RETRIES_MAX,
  restMs,
  retryDelaySeconds,
} from "../../workers/notifications/retry.ts";
import type { Reader } from "../../workers/notifications/words/message.ts";
import { CREDIT, ENVELOPE, LARGE, READER, SAMPLES, SMALL } from "./notification-samples.ts";

function text(content: NotificationContent, reader: Reader = READER): string {
  const { title, paragraphs } = messageOf(content, reader);
  return [title, ...paragraphs].join("\n");
}

describe.each(Object.values(SAMPLES))("the message of $kind", (content) => {
  test("names the account and leaves nothing unsaid", () => {
    const message = messageOf(content, READER);
    expect(message.title).not.toBe("");
    expect(message.paragraphs.length).toBeGreaterThanOrEqual(2);
    expect(text(content)).toContain("Acme");
    expect(text(content)).not.toMatch(/undefined|null|NaN|\[object|Invalid/);
  });

  test("has the same words as plain text and as HTML", async () => {
    const message = messageOf(content, READER);
    const email = await emailOf(message, READER, "Why.");
    expect(email.subject).toBe(`Acme: ${message.title}`);
    for (const part of [message.title, ...message.paragraphs, "Why."]) {
      expect(email.text).toContain(part);
      expect(email.html).toContain(part.replaceAll('"', "&quot;").replaceAll("'", "&#39;"));
    }
  });

  test("is on the wire as its schema says, without micros", () => {
    const data = notificationData(content);
    expect(notificationDataSchema.parse(data)).toEqual(data);
    expect(JSON.stringify(data)).not.toMatch(/Micros|Ms"|0000000/);
  });
});

describe("what messages say", () => {
  test("a threshold: amounts, percentage, what happens at the limit, who can act", () => {
    const words = text(SAMPLES.usage_threshold);
    expect(words).toContain("90% of the monthly credit limit is used");
    expect(words).toContain("910.5 of its 1,000 credits");
    expect(words).toContain("until the reset on December 14, 2026 at 00:00 UTC or until a pack is bought");
    expect(words).toContain("can buy a pack");
  });

  test("what happens at the limit follows the setting", () => {
    const { usage_threshold } = SAMPLES;
    expect(text({ ...usage_threshold, setting: "auto_upgrade" })).toContain("packs are added automatically");
    expect(text({ ...usage_threshold, setting: "pay_as_you_go" })).toContain("goes on and is invoiced");
    expect(text({ ...usage_threshold, subject: "maximum" })).toContain("until the maximum is raised");
  });

  test("a limit passed says what is above it", () => {
    expect(text(SAMPLES.limit_passed)).toContain(
      "6,237.5 of its 6,000 credits; 237.5 credits are above the limit",
    );
  });

  test("credits that are used up are told from credits that did not suffice for one use", () => {
    const passed = { ...SAMPLES.limit_passed, setting: "pause" as const, limitMicros: 500 * CREDIT };
    expect(text({ ...passed, usedMicros: 500 * CREDIT })).toContain("The monthly credits are used up");
    expect(text({ ...passed, usedMicros: 499.5 * CREDIT })).toContain("nearly used up");
  });

  test("an automatic upgrade says packs, price and the new limit", () => {
    const words = text(SAMPLES.automatic_upgrade);
    expect(words).toContain("2 × 1,000 credits were added for $1,234.50");
    expect(words).toContain("now 8,000 credits, of which 7,500 are used");
    expect(text({ ...SAMPLES.automatic_upgrade, packs: 1 })).toContain("A pack was added automatically");
  });

  test("a report has a line for each period that was closed", () => {
    const [closed] = SAMPLES.usage_report.periods;
    if (closed === undefined) throw new Error("the sample has no period");
    const periods = [closed, { ...closed, period: "2026-11-14", usedMicros: 0 }];
    const words = text({ ...SAMPLES.usage_report, periods });
    expect(words).toContain("Usage report for 2 periods");
    expect(words).toContain(
      "Period from October 14, 2026: 450 of 500 credits used, 50 expired unused, 0 above",
    );
    expect(words).toContain("Period from November 14, 2026: 0 of 500 credits used");
  });

  test("a report has what the analysis found, where there is something", () => {
    const insights = {
      topFeatures: [
        { feature: "assistant", creditsMicros: 400 * CREDIT },
        { feature: "search", creditsMicros: 50 * CREDIT },
      ],
      projection: { projectedMicros: 620 * CREDIT, limitMicros: 500 * CREDIT, exhaustedOn: "2026-12-08" },
      spikes: [
        { feature: "assistant", day: "2026-11-02", creditsMicros: 90 * CREDIT, meanMicros: 20.5 * CREDIT },
      ],
      waste: { duplicatesMicros: 12 * CREDIT, withoutOutcomeMicros: 0, unownedFeatures: ["search"] },
    };
    const words = text({ ...SAMPLES.usage_report, insights });
    expect(words).toContain("Most credits were used by: assistant 400, search 50.");
    expect(words).toContain(
      "On November 2, 2026, assistant used 90 credits; the mean of the 14 days before is 20.5.",
    );
    expect(words).toContain("12 credits went into duplicates");
    expect(words).not.toContain("without any outcome");
    expect(words).toContain("Features that nobody owns: search.");
    expect(words).toContain(
      "620 of 500 credits will be used by the next reset; they run out on December 8, 2026",
    );
    const data = notificationData({ ...SAMPLES.usage_report, insights });
    expect(notificationDataSchema.parse(data)).toEqual(data);
    expect(data).toMatchObject({ insights: { topFeatures: [{ credits: 400 }, { credits: 50 }] } });
    const nothing = { topFeatures: [], projection: null, spikes: [], waste: null };
    expect(text({ ...SAMPLES.usage_report, insights: nothing })).toBe(text(SAMPLES.usage_report));
  });

  test("a term that ends says what becomes of each pack", () => {
    const words = text(SAMPLES.term_ending);
    expect(words).toContain("2 × 1,000 credits (2,000 credits a month): becomes 1 × 1,000 credits.");
    expect(words).toContain("1 × 500 credits (500 credits a month): ends.");
    const [pack] = SAMPLES.term_ending.packs;
    if (pack === undefined) throw new Error("the sample has no pack");
    const renewed = { ...pack, renewal: { ...LARGE, quantity: 2 } };
    expect(text({ ...SAMPLES.term_ending, packs: [renewed] })).toContain("a month): is renewed.");
    const smaller = { ...pack, renewal: { ...SMALL, quantity: 2 } };
    expect(text({ ...SAMPLES.term_ending, packs: [smaller] })).toContain(
      "a month): becomes 2 × 500 credits.",
    );
  });

  test("a budget says whether it denies", () => {
    const { budget_threshold } = SAMPLES;
    expect(text(budget_threshold)).toContain("When it is used up, uses that count in it are denied");
    const spent = { ...budget_threshold, percent: 100, usedMicros: 100 * CREDIT };
    expect(text(spent)).toContain('The budget "support" is used up');
    expect(text(spent)).toContain("are denied until the reset on December 14, 2026 at 00:00 UTC");
    expect(text({ ...spent, hard: false })).toContain("usage goes on");
  });

  test("a reason that is not given leaves no empty line", () => {
    expect(text(SAMPLES.account_closed)).not.toContain("The reason");
    expect(text(SAMPLES.account_suspended)).toContain("The reason: an unpaid invoice");
  });

  test("rates that go up at short notice say so", () => {
    const words = text(SAMPLES.account_rates_changed);
    expect(words).toContain("More credits than before: assistant / answer.");
    expect(words).toContain("less than the usual 30 days");
    const raised = Array.from({ length: 12 }, (_, index) => ({ feature: `f${index}`, action: "a" }));
    expect(text({ ...SAMPLES.account_rates_changed, raised })).toContain("f9 / a and 2 more.");
  });

  test("an invoice says number, total, what it is for, and the day on which it is due", () => {
    const words = text(SAMPLES.invoice_issued);
    expect(words).toContain("Invoice ACME-0007 for $2.30");
    expect(words).toContain("for usage above the limit in the period from October 14, 2026.");
    expect(words).toContain("It is due on December 21, 2026.");
    const kiritimati = { ...READER, timeZone: "Pacific/Kiritimati" };
    expect(text(SAMPLES.invoice_issued, kiritimati)).toContain("It is due on December 22, 2026.");
    expect(text({ ...SAMPLES.invoice_issued, document: "packs" })).toContain("for packs in the period from");
  });

  test("times are in the account's time zone", () => {
    const words = text(SAMPLES.usage_threshold, { ...READER, timeZone: "America/New_York" });
    expect(words).toContain("December 13, 2026 at 19:00 EST");
  });
});

describe("e-mails", () => {
  test("names are escaped in HTML and cannot add headers", async () => {
    const reader = { ...READER, accountName: `<img src=x onerror="alert(1)"> & 'Co'\r\nBcc: x@y.z` };
    const email = await emailOf(messageOf(SAMPLES.automatic_upgrade, reader), reader, "Why.");
    expect(email.html).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; &#39;Co&#39;");
    expect(email.html).not.toContain("<img");
    expect(email.subject).not.toMatch(/[\r\n]/);
  });

  test("names of packs are escaped too", async () => {
    const content = { ...SAMPLES.automatic_upgrade, packName: "<b>big</b>" };
    expect((await emailOf(messageOf(content, READER), READER, "Why.")).html).toContain(
      "&lt;b&gt;big&lt;/b&gt;",
    );
  });

  test("a test account's are marked", async () => {
    const reader = readerOf("test:acme", null);
    expect((await emailOf(messageOf(SAMPLES.usage_report, reader), reader, "Why.")).subject).toMatch(
      /^\[Test\] acme: /,
    );
  });
});

describe("why a user is told", () => {
  const user = (userId: string, ...roles: readonly string[]) => ({ userId, roles });

  test("by the strongest reason", () => {
    const why = (sample: NotificationContent, who: { userId: string; roles: readonly string[] }) =>
      whyTold(sample, who, "Acme");
    expect(why(SAMPLES.usage_report, user("u_1", "member", "billing_contact"))).toBe(
      "You receive this because you are a super admin, billing admin or billing contact of Acme.",
    );
    expect(why(SAMPLES.usage_report, user("u_1", "member"))).toContain("the credit owner of Acme.");
    expect(why(SAMPLES.feature_paused, user("u_1", "feature_owner"))).toContain(
      "the owner of a feature of Acme.",
    );
    expect(why(SAMPLES.rate_change, user("u_1", "feature_owner"))).toContain(
      "the owner of a feature of Acme.",
    );
    expect(why(SAMPLES.spike, user("u_1"))).toContain("the owner of a feature of Acme and asked for it.");
    expect(why(SAMPLES.spike, user("u_2"))).toContain("the credit owner of Acme and asked for it.");
  });
});

describe("amounts and times", () => {
  test("credits are exact to the micro-credit", () => {
    expect(creditsText(7_999_999_999_999_999)).toBe("7,999,999,999.999999");
    expect(creditsText(1)).toBe("0.000001");
  });

  test("money follows its currency", () => {
    expect(moneyText({ amountMinor: 5, currency: "USD" })).toBe("$0.05");
    expect(moneyText({ amountMinor: 1234, currency: "JPY" })).toBe("¥1,234");
    expect(moneyText({ amountMinor: 1234, currency: "KWD" })).toMatch(/^KWD\s1\.234$/);
  });

  test("midnight is 00:00", () => {
    expect(instantText(ENVELOPE.resetAtMs, "UTC")).toBe("December 14, 2026 at 00:00 UTC");
  });
});

describe("notification ids", () => {
  test("are stable, differ by account, mode and number, and fit into a path and a signature", () => {
    const ids = [
      notificationIdOf("live:acme.inc", 1),
      notificationIdOf("live:acme.inc", 12),
      notificationIdOf("test:acme.inc", 12),
      notificationIdOf("live:acme", 12),
    ].map(publicNotificationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^ntf_[\w-]+$/);
    expect(publicNotificationId(notificationIdOf("live:acme", 12))).toBe("ntf_bGl2ZTphY21lL25vdGljZS8xMg");
  });
});

describe("retries", () => {
  const delays = (random: number) =>
    Array.from({ length: RETRIES_MAX }, (_, index) => retryDelaySeconds(index + 1, random));

  test("wait longer each time, whatever the jitter, and half a day at most", () => {
    expect(delays(0)).toEqual([30, 90, 270, 810, 2430, 7290, 21870, 43200]);
    const shortest = delays(0.999999);
    const longest = delays(0);
    for (let attempt = 1; attempt < RETRIES_MAX - 1; attempt += 1) {
      expect(shortest[attempt]).toBeGreaterThan(longest[attempt - 1] ?? Number.POSITIVE_INFINITY);
    }
  });

  test("differ by chance, by at most a half", () => {
    expect(retryDelaySeconds(2, 0.5)).toBe(68);
    expect(retryDelaySeconds(2, 0.999999)).toBeGreaterThanOrEqual(45);
  });

  test("end after a day, however few were made", () => {
    const day = 24 * 60 * 60 * 1000;
    expect(isGivenUp(1000, 999 + day)).toBe(false);
    expect(isGivenUp(1000, 1000 + day)).toBe(true);
  });

  test("an endpoint that does not answer rests longer each time, a quarter of an hour at most", () => {
    expect([1, 2, 3, 4, 5, 6, 60].map(restMs)).toEqual(
      [30, 60, 120, 240, 480, 900, 900].map((seconds) => seconds * 1000),
    );
  });

  test("are as many as the queue of wrangler.toml makes", () => {
    const consumers = readFileSync("wrangler.toml", "utf8").split("[[queues.consumers]]");
    const ours = consumers.find((consumer) => consumer.startsWith('\nqueue = "drawdown-notifications"\n'));
    expect(/max_retries = (\d+)/.exec(ours ?? "")?.[1]).toBe(String(RETRIES_MAX));
    expect(isLastAttempt(RETRIES_MAX)).toBe(false);
    expect(isLastAttempt(RETRIES_MAX + 1)).toBe(true);
  });
});
