/** What admins are told when prices change for what they use (rules, 8.1, 8.4). */
import { describe, expect, test } from "vitest";
import { notificationData, notificationDataSchema } from "../../shared/api/notification-data.ts";
import { NOTICE_MS, type RateRise } from "../../shared/credits/rate-changes.ts";
import {
  type RateChangeAhead,
  type RateNotice,
  rateNoticeFor,
  riseNotices,
  withdrawalNotice,
} from "../../shared/credits/rate-notices.ts";
import { messageOf } from "../../workers/notifications/messages.ts";
import { credits } from "./fixtures.ts";

const NOW = Date.parse("2026-11-21T10:00:00Z");
const IN_TIME = NOW + NOTICE_MS;

function rise(feature: string, action = "answer", kind: RateRise["kind"] = "raised"): RateRise {
  const price = (amount: number) => ({
    creditsMicros: credits(amount),
    perMicros: credits(100),
    blocks: kind === "priced",
  });
  const names = { featureName: `The ${feature}`, actionName: `The ${action}` };
  return { kind, feature, action, ...names, from: price(kind === "priced" ? 0 : 13), to: price(1_500) };
}

function noticeOf(effectiveAtMs: number, changes: readonly RateRise[]): RateNotice {
  const [notice] = riseNotices(
    [{ version: 7, effectiveAtMs, rises: changes }],
    { kind: "published", version: 7 },
    NOW,
  );
  if (notice === undefined) throw new Error("a rise makes a notice");
  return notice;
}

function told(notice: RateNotice, usedFeatures: readonly string[], wasTold = false) {
  return rateNoticeFor(notice, { usedFeatures, wasTold, atMs: NOW, period: "2026-11-14" });
}

describe("who is told what", () => {
  test("an account is told of changes of the features that it uses, others are not told", () => {
    const notice = noticeOf(IN_TIME, [rise("a"), rise("b"), rise("a", "tokens")]);
    expect(told(notice, ["a", "x"])).toMatchObject({
      kind: "rate_change",
      version: 7,
      period: "2026-11-14",
      shortNotice: false,
      changes: [
        { feature: "a", action: "answer" },
        { feature: "a", action: "tokens" },
      ],
      changesOmitted: 0,
    });
    expect(told(notice, ["x"])).toBeNull();
  });

  test("short is what takes effect in less than 30 days", () => {
    expect(told(noticeOf(IN_TIME - 1, [rise("a")]), ["a"])).toMatchObject({ shortNotice: true });
  });

  test("of many changes 50 are told and the others counted", () => {
    const notice = noticeOf(
      IN_TIME,
      Array.from({ length: 72 }, (_, index) => rise("a", `action${index}`)),
    );
    const content = told(notice, ["a"]) as RateChangeAhead;
    expect(content.changes).toHaveLength(50);
    expect(content.changesOmitted).toBe(22);
  });

  test("each rise of each version has a name of its own", () => {
    const rises = [rise("a")];
    const names = [
      riseNotices([{ version: 7, effectiveAtMs: IN_TIME, rises }], { kind: "published", version: 7 }, NOW),
      riseNotices([{ version: 7, effectiveAtMs: IN_TIME, rises }], { kind: "published", version: 8 }, NOW),
      riseNotices([{ version: 7, effectiveAtMs: IN_TIME, rises }], { kind: "withdrawn", version: 6 }, NOW),
    ].flatMap((notices) => notices.map(({ notice }) => notice));
    expect(names).toEqual(["rate_change/7", "rate_change/7/published-8", "rate_change/7/withdrawn-6"]);
  });
});

describe("a withdrawal", () => {
  const first = noticeOf(IN_TIME, [rise("a")]);
  const second = { ...first, notice: "rate_change/7/published-8", changes: [rise("b")] };

  test("is told to who uses what was to change and to who was told", () => {
    const taken = withdrawalNotice(7, [first, second], NOW + 5);
    if (taken === null) throw new Error("it was told");
    expect(taken).toMatchObject({ notice: "rate_withdrawn/7", revokes: [first.notice, second.notice] });
    const content = {
      kind: "rate_withdrawn",
      atMs: NOW,
      period: "2026-11-14",
      version: 7,
      effectiveAtMs: IN_TIME,
    };
    expect(told(taken, ["b"])).toEqual(content);
    expect(told(taken, [], true)).toEqual(content);
    expect(told(taken, ["x"])).toBeNull();
  });

  test("of a version that nobody was told of is not told", () => {
    expect(withdrawalNotice(7, [], NOW)).toBeNull();
    expect(withdrawalNotice(8, [first], NOW)).toBeNull();
  });
});

describe("its words and its data", () => {
  const reader = { mode: "live" as const, accountName: "Acme", timeZone: "UTC" };
  const content = told(noticeOf(NOW + 1000, [rise("a"), rise("b", "go", "priced")]), ["a", "b"]);
  if (content === null) throw new Error("it concerns the account");

  test("say what changes, when, and that the notice is short", () => {
    const { title, paragraphs } = messageOf(content, reader);
    expect(title).toBe("Prices change on November 21, 2026 at 10:00 UTC");
    expect(paragraphs).toContain(
      "The a, The answer: 13 credits per 100 until then, 1,500 credits per 100 from then on.",
    );
    expect(paragraphs).toContain(
      "The b, The go: free until then, 1,500 credits per started 100 from then on.",
    );
    expect(paragraphs.join("\n")).toContain("shorter notice than the usual 30 days");
    const inTime = told(noticeOf(IN_TIME, [rise("a")]), ["a"]);
    expect(inTime && messageOf(inTime, reader).paragraphs.join("\n")).not.toContain("shorter");
  });

  test("are on the wire in credits, as the schema says", () => {
    const data = notificationData(content);
    expect(notificationDataSchema.parse(data)).toEqual(data);
    expect(data).toMatchObject({
      kind: "rate_change",
      effectiveAt: "2026-11-21T10:00:01Z",
      shortNotice: true,
      changes: [
        { kind: "raised", from: { credits: 13, per: 100, blocks: false }, to: { credits: 1500 } },
        { kind: "priced", from: { credits: 0 }, to: { credits: 1500, blocks: true } },
      ],
    });
    expect(JSON.stringify(data)).not.toMatch(/Micros|Ms"/);
  });

  test("of a withdrawal name the version and the day that it was for", () => {
    const withdrawn = withdrawalNotice(7, [noticeOf(IN_TIME, [rise("a")])], NOW);
    const gone = withdrawn && told(withdrawn, ["a"]);
    if (gone === null) throw new Error("it concerns the account");
    expect(messageOf(gone, reader).paragraphs[0]).toMatch(
      /Version 7 .* Acme uses on December 21, 2026 .* withdrawn/,
    );
    expect(notificationDataSchema.parse(notificationData(gone))).toEqual({
      kind: "rate_withdrawn",
      version: 7,
      effectiveAt: "2026-12-21T10:00:00Z",
    });
  });
});
