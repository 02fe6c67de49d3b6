/** From a notice to its receivers: who is told of what, once, whatever comes twice. */
import { env } from "cloudflare:workers";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { accountIdOf } from "../../shared/account-key.ts";
import { notificationIdOf } from "../../shared/notification-id.ts";
import type { NotificationContent } from "../../shared/queues.ts";
import type { Env } from "../../workers/env.ts";
import { answers, CONTEXT, CREDIT, openTestAccount, publishOffer, type TestAccount } from "./fixtures.ts";
import {
  AT_MS,
  addEndpoint,
  addUser,
  consume,
  deliveryIds,
  deliveryLog,
  ENVELOPE,
  namedMessage,
  noticeMessage,
  receivers,
  recordingEnv,
  statuses,
  threshold,
} from "./notification-fixtures.ts";

beforeAll(async () => {
  await publishOffer();
});

afterEach(async () => {
  vi.restoreAllMocks();
  await env.DB.prepare("DELETE FROM webhook_endpoints").run();
});

describe("fan-out", () => {
  test("tells super admins, billing admins and billing contacts with an address, and the mode's endpoints", async () => {
    const account = await openTestAccount();
    await addUser(account, "root", "super_admin");
    await addUser(account, "money", "billing_admin");
    await addUser(account, "books", "billing_contact");
    await addUser(account, "mute", "super_admin", null);
    await addUser(account, "member", "feature_owner");
    const other = await openTestAccount();
    await addUser(other, "stranger", "super_admin");
    const endpoint = await addEndpoint();
    await addEndpoint("live");

    const { taken, env: bindings } = recordingEnv();
    const result = await consume([noticeMessage(account)], bindings);

    const id = notificationIdOf(account.key, 1);
    expect(result.acknowledged).toEqual(["0"]);
    expect(deliveryIds(taken())).toEqual([
      `${id}/email/books`,
      `${id}/email/money`,
      `${id}/email/root`,
      `${id}/webhook/${endpoint.id}`,
    ]);
    expect(await deliveryLog(account)).toHaveLength(4);
  });

  test("a second delivery of the notice creates nothing and asks only for what is still to be sent", async () => {
    const account = await openTestAccount();
    await addUser(account, "root", "super_admin");
    await addUser(account, "money", "billing_admin");
    const { taken, emails, env: bindings } = recordingEnv();
    await consume([noticeMessage(account), noticeMessage(account)], bindings);
    const [delivery] = taken();
    if (delivery === undefined) throw new Error("nothing was queued");
    await consume([delivery], bindings);

    const result = await consume([noticeMessage(account)], bindings);

    expect(result.acknowledged).toEqual(["0"]);
    const asked = taken();
    expect(asked).toHaveLength(1);
    expect(asked).not.toContainEqual(delivery);
    expect(await deliveryLog(account)).toHaveLength(2);
    const rows = await env.DB.prepare("SELECT count(*) AS rows FROM notifications WHERE account_key = ?")
      .bind(account.key)
      .first("rows");
    expect(rows).toBe(1);
    expect(emails).toHaveLength(1);
  });

  test("who came later is not told when the notice comes again", async () => {
    const account = await openTestAccount();
    await addUser(account, "root", "super_admin");
    const { taken, env: bindings } = recordingEnv();
    await consume([noticeMessage(account)], bindings);
    await addUser(account, "late", "super_admin");
    await addEndpoint();
    taken();
    await consume([noticeMessage(account)], bindings);
    expect(await statuses(account)).toEqual({ root: "pending" });
    await consume([noticeMessage(account, threshold(2))], bindings);
    expect(await deliveryLog(account)).toHaveLength(4);
  });

  test("confirms the account's notice only after its messages are queued", async () => {
    const account = await openTestAccount();
    await account.api.use([{ mode: "consume", event: answers("e1", 380) }], CONTEXT);
    const view = await account.api.view(CONTEXT);
    if (view.kind !== "view") throw new Error(view.kind);
    const [notice] = view.notices;
    if (notice === undefined) throw new Error("the account decided no notice");
    await addUser(account, "root", "super_admin");

    const { env: bindings } = recordingEnv();
    const broken = {
      ...bindings,
      NOTIFICATIONS_QUEUE: { sendBatch: () => Promise.reject(new Error("the queue is away")) },
    } as unknown as Env;
    const warned = vi.spyOn(console, "warn").mockReturnValue();
    const failed = await consume([noticeMessage(account, notice)], broken);
    expect(warned).toHaveBeenCalledOnce();
    expect(failed.acknowledged).toEqual([]);
    expect(failed.delays).toHaveLength(1);
    expect(await account.api.view(CONTEXT)).toMatchObject({ notices: [{ number: notice.number }] });

    await consume([noticeMessage(account, notice)], bindings);
    expect(await account.api.view(CONTEXT)).toMatchObject({ notices: [] });
  });

  test("what billing and the analysis tell has no notice in the account to confirm", async () => {
    const account = await openTestAccount();
    await addUser(account, "books", "billing_contact");
    const { taken, emails, env: bindings } = recordingEnv();
    const nobody = { getByName: () => Promise.reject(new Error("the account was asked")) };
    const apart = { ...bindings, ACCOUNT: nobody } as unknown as Env;
    const invoice: NotificationContent = {
      kind: "invoice_issued",
      atMs: AT_MS,
      period: "2026-10-14",
      invoiceId: "inv_1",
      number: "ACME-0001",
      totalMinor: 230,
      currency: "USD",
      dueAtMs: AT_MS,
    };
    const result = await consume([namedMessage(account, "invoice/1", invoice)], apart);
    expect(result.acknowledged).toEqual(["0"]);
    await consume(taken(), bindings);
    expect(emails).toMatchObject([
      { to: "books@acme.example", subject: expect.stringContaining("ACME-0001") },
    ]);
  });

  test("a disabled endpoint is left out", async () => {
    const account = await openTestAccount();
    const endpoint = await addEndpoint();
    await env.DB.prepare("UPDATE webhook_endpoints SET disabled_at_ms = 1 WHERE endpoint_id = ?")
      .bind(endpoint.id)
      .run();
    await consume([noticeMessage(account)], recordingEnv().env);
    expect(await deliveryLog(account)).toEqual([]);
  });
});

describe("who is told by e-mail", () => {
  let account: TestAccount;
  let numbers = 0;

  /** An account with an admin, a credit owner, a feature owner and an uninvolved member. */
  beforeEach(async () => {
    account = await openTestAccount();
    await addUser(account, "admin", "billing_admin");
    await addUser(account, "credits", "member");
    await addUser(account, "owner", "feature_owner");
    await addUser(account, "member", "member");
    await env.DB.prepare(
      `INSERT INTO accounts (account_key, mode, account_id, terms, profile, created_at_ms, period_ends_at_ms)
       VALUES (?, 'test', ?, '{}', '{"name":"Acme","creditOwner":"credits"}', 0, 0)`,
    )
      .bind(account.key, accountIdOf(account.key))
      .run();
  });

  async function toldOf(content: NotificationContent): Promise<readonly string[]> {
    numbers += 1;
    const message = namedMessage(account, `told/${numbers}`, content);
    const { taken, env: bindings } = recordingEnv();
    await consume([message], bindings);
    return deliveryIds(taken()).map((id) => id.slice(message.notificationId.length + 1));
  }

  const REPORT: NotificationContent = {
    ...ENVELOPE,
    number: 1,
    kind: "usage_report",
    periods: [{ period: "2026-10-14", usedMicros: 0, limitMicros: 0, expiredMicros: 0, overageMicros: 0 }],
  };
  const SPIKE: NotificationContent = {
    ...ENVELOPE,
    kind: "spike",
    feature: "assistant",
    day: "2026-11-20",
    creditsMicros: 90 * CREDIT,
    meanMicros: 20 * CREDIT,
    ownerUser: "owner",
  };
  const WASTE: NotificationContent = {
    ...ENVELOPE,
    kind: "waste",
    duplicatesMicros: CREDIT,
    withoutOutcomeMicros: 0,
    unownedFeatures: [],
  };

  function ofFeature(ownerUser: string | null): NotificationContent {
    return { ...ENVELOPE, number: 1, kind: "feature_paused", feature: "assistant", ownerUser };
  }

  function ofBudget(ownerUser: string | null): NotificationContent {
    return {
      ...ENVELOPE,
      number: 1,
      kind: "budget_threshold",
      budget: "b",
      subject: "feature",
      key: "assistant",
      hard: true,
      percent: 75,
      usedMicros: 75 * CREDIT,
      ofMicros: 100 * CREDIT,
      ownerUser,
    };
  }

  test("the credit owner of reports, besides the admins, and of nothing else", async () => {
    expect(await toldOf(REPORT)).toEqual(["email/admin", "email/credits"]);
    expect(await toldOf(threshold(1))).toEqual(["email/admin"]);
  });

  test("a feature's owner of that feature, besides the admins", async () => {
    expect(await toldOf(ofFeature("owner"))).toEqual(["email/admin", "email/owner"]);
    expect(await toldOf(ofBudget("owner"))).toEqual(["email/admin", "email/owner"]);
    expect(await toldOf(ofFeature(null))).toEqual(["email/admin"]);
    expect(await toldOf(ofFeature("nobody"))).toEqual(["email/admin"]);
  });

  test("the owners of features whose rates change, as the account names them", async () => {
    const owner = { kind: "change_feature", feature: "assistant", owner: "owner" } as const;
    await account.api.execute(owner, null, CONTEXT);
    const change = (feature: string): NotificationContent => ({
      ...ENVELOPE,
      number: 1,
      kind: "account_rates_changed",
      version: 2,
      effectiveAtMs: AT_MS,
      shortNotice: false,
      raised: [
        { feature, action: "answer" },
        { feature, action: "tokens" },
      ],
    });
    expect(await toldOf(change("assistant"))).toEqual(["email/admin", "email/owner"]);
    expect(await toldOf(change("search"))).toEqual(["email/admin"]);
  });

  test("who is told for several reasons gets one", async () => {
    expect(await toldOf(ofFeature("admin"))).toEqual(["email/admin"]);
    await env.DB.prepare(
      "UPDATE accounts SET profile = json_set(profile, '$.creditOwner', 'admin') WHERE account_key = ?",
    )
      .bind(account.key)
      .run();
    expect(await toldOf(REPORT)).toEqual(["email/admin"]);
  });

  test("who wants no e-mail gets none", async () => {
    await addUser(account, "quiet", "super_admin", "quiet@acme.example", { optIn: ["spike"], email: false });
    expect(await toldOf(threshold(1))).toEqual(["email/admin"]);
    expect(await toldOf(SPIKE)).toEqual([]);
  });

  test("separate notices go to who asked for them, and to every webhook", async () => {
    const endpoint = await addEndpoint();
    const wants = (user: string, ...optIn: readonly string[]) =>
      env.DB.prepare("UPDATE users SET notify = ? WHERE account_key = ? AND user_id = ?")
        .bind(JSON.stringify({ optIn, email: true }), account.key, user)
        .run();
    expect(await toldOf(SPIKE)).toEqual([`webhook/${endpoint.id}`]);
    await wants("admin", "waste", "projection");
    await wants("credits", "spike");
    await wants("owner", "spike");
    expect(await toldOf(SPIKE)).toEqual(["email/credits", "email/owner", `webhook/${endpoint.id}`]);
    expect(await toldOf(WASTE)).toEqual(["email/admin", `webhook/${endpoint.id}`]);
  });

  test("a member who asks is not told the account's figures", async () => {
    await addUser(account, "curious", "member", "curious@acme.example", { optIn: ["waste"], email: true });
    expect(await toldOf(WASTE)).toEqual([]);
  });

  test("an erased user gets nothing", async () => {
    await env.DB.prepare(
      "UPDATE users SET email = NULL, name = '' WHERE account_key = ? AND user_id = 'credits'",
    )
      .bind(account.key)
      .run();
    expect(await toldOf(REPORT)).toEqual(["email/admin"]);
  });
});

describe("the whole way", () => {
  test("a use that crosses a threshold reaches its receivers by itself, once", async () => {
    const account = await openTestAccount();
    await addUser(account, "root", "super_admin");
    const endpoint = await addEndpoint();
    const received = receivers(() => 200);

    await account.api.use([{ mode: "consume", event: answers("e1", 455) }], CONTEXT);

    await vi.waitFor(
      async () => {
        expect(await statuses(account)).toEqual({ root: "delivered", [endpoint.id]: "delivered" });
      },
      { timeout: 15_000, interval: 200 },
    );
    const told = received.map(({ body }) => JSON.parse(body).data);
    expect(told.filter((data) => data.account === accountIdOf(account.key))).toMatchObject([
      { percent: 90, used: 455 },
    ]);
    expect(await account.api.view(CONTEXT)).toMatchObject({ notices: [] });
  }, 20_000);
});
