import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { notificationData, notificationDataSchema } from "../../shared/api/notification-data.ts";
import type { NoticeKind } from "../../shared/credits/notices.ts";
import { notificationIdOf, publicNotificationId } from "../../shared/notification-id.ts";
import type { NotificationContent } from "../../shared/queues.ts";
import { creditsText, instantText, moneyText } from "../../shared/text.ts";
import { emailOf } from "../../workers/notifications/email.ts";
import { messageOf, type Reader, readerOf } from "../../workers/notifications/messages.ts";
import { isLastAttempt, RETRIES_MAX, retryDelaySeconds } from "../../workers/notifications/retry.ts";

const CREDIT = 1_000_000;
const ENVELOPE = {
  number: 12,
  atMs: Date.parse("2026-11-21T10:00:00Z"),
  period: "2026-11-14",
  resetAtMs: Date.parse("2026-12-14T00:00:00Z"),
};
const READER: Reader = { mode: "live", accountName: "Acme", timeZone: "UTC" };

/** One of each kind; a kind that is added without words fails to compile here. */
const SAMPLES: {
  readonly [Kind in NoticeKind | "invoice_issued"]: Extract<NotificationContent, { kind: Kind }>;
} = {
  usage_threshold: {
    ...ENVELOPE,
    kind: "usage_threshold",
    subject: "limit",
    percent: 90,
    usedMicros: 910.5 * CREDIT,
    ofMicros: 1000 * CREDIT,
    setting: "pause",
  },
  limit_passed: {
    ...ENVELOPE,
    kind: "limit_passed",
    usedMicros: 6237.5 * CREDIT,
    limitMicros: 6000 * CREDIT,
    setting: "pay_as_you_go",
  },
  maximum_reached: {
    ...ENVELOPE,
    kind: "maximum_reached",
    usedMicros: 6800 * CREDIT,
    maximumMicros: 6800 * CREDIT,
  },
  automatic_upgrade: {
    ...ENVELOPE,
    kind: "automatic_upgrade",
    pack: "p1000",
    packName: "1,000 credits",
    packs: 2,
    price: { amountMinor: 123450, currency: "USD" },
    usedMicros: 7500 * CREDIT,
    limitMicros: 8000 * CREDIT,
  },
  upgrade_unavailable: { ...ENVELOPE, kind: "upgrade_unavailable", currency: "JPY" },
  setting_changed: { ...ENVELOPE, kind: "setting_changed", from: "auto_upgrade", to: "pause" },
  setting_waiting: {
    ...ENVELOPE,
    kind: "setting_waiting",
    from: "auto_upgrade",
    to: "pay_as_you_go",
    effectiveAtMs: ENVELOPE.resetAtMs,
  },
  maximum_raised: {
    ...ENVELOPE,
    kind: "maximum_raised",
    fromMicros: 6500 * CREDIT,
    toMicros: 7000 * CREDIT,
  },
  usage_report: {
    ...ENVELOPE,
    kind: "usage_report",
    periods: [
      {
        period: "2026-10-14",
        usedMicros: 450 * CREDIT,
        limitMicros: 500 * CREDIT,
        expiredMicros: 50 * CREDIT,
        overageMicros: 0,
      },
    ],
  },
  invoice_issued: {
    kind: "invoice_issued",
    atMs: ENVELOPE.atMs,
    period: "2026-10-14",
    invoiceId: "inv_1",
    number: "ACME-0007",
    totalMinor: 230,
    currency: "USD",
    dueAtMs: Date.parse("2026-12-21T10:00:00Z"),
  },
};

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
    const email = await emailOf(message, READER);
    expect(email.subject).toBe(`Acme: ${message.title}`);
    for (const part of [message.title, ...message.paragraphs]) {
      expect(email.text).toContain(part);
      expect(email.html).toContain(part);
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

  test("an invoice says number, total and due date", () => {
    const words = text(SAMPLES.invoice_issued);
    expect(words).toContain("Invoice ACME-0007 for $2.30");
    expect(words).toContain("due on December 21, 2026 at 10:00 UTC");
  });

  test("times are in the account's time zone", () => {
    const words = text(SAMPLES.usage_threshold, { ...READER, timeZone: "America/New_York" });
    expect(words).toContain("December 13, 2026 at 19:00 EST");
  });
});

describe("e-mails", () => {
  test("names are escaped in HTML and cannot add headers", async () => {
    const reader = { ...READER, accountName: `<img src=x onerror="alert(1)"> & 'Co'\r\nBcc: x@y.z` };
    const email = await emailOf(messageOf(SAMPLES.automatic_upgrade, reader), reader);
    expect(email.html).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &amp; &#39;Co&#39;");
    expect(email.html).not.toContain("<img");
    expect(email.subject).not.toMatch(/[\r\n]/);
  });

  test("names of packs are escaped too", async () => {
    const content = { ...SAMPLES.automatic_upgrade, packName: "<b>big</b>" };
    expect((await emailOf(messageOf(content, READER), READER)).html).toContain("&lt;b&gt;big&lt;/b&gt;");
  });

  test("a test account's are marked", async () => {
    const reader = readerOf("test:acme", null);
    expect((await emailOf(messageOf(SAMPLES.usage_report, reader), reader)).subject).toMatch(
      /^\[Test\] acme: /,
    );
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

  test("are as many as the queue of wrangler.toml makes", () => {
    const consumers = readFileSync("wrangler.toml", "utf8").split("[[queues.consumers]]");
    const ours = consumers.find((consumer) => consumer.startsWith('\nqueue = "drawdown-notifications"\n'));
    expect(/max_retries = (\d+)/.exec(ours ?? "")?.[1]).toBe(String(RETRIES_MAX));
    expect(isLastAttempt(RETRIES_MAX)).toBe(false);
    expect(isLastAttempt(RETRIES_MAX + 1)).toBe(true);
  });
});
