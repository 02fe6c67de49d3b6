/** Many callers on one account: never one credit more than there is, never an event booked twice (rules, 3.9 and 4). */
import { expect, test } from "vitest";
import type { CaptureDecision, Decision, Event, HoldDecision } from "../../shared/client/client.ts";
import { TestAccount } from "./support/account.ts";
import { useServer } from "./support/server.ts";

const CALLERS = 50;
const EVENTS = 5000;
const SENT_TWICE = 100;
const LEFT = 1000;

type Allowed = Extract<Decision, { allowed: true }>;

const server = useServer();

test(`of ${EVENTS} events of 1 credit from ${CALLERS} callers, ${SENT_TWICE} of them sent twice, exactly the ${LEFT} that are left are allowed`, async () => {
  const account = await TestAccount.open(server.test, { plans: ["plan-5000"] });
  await account.use(5000 - LEFT);
  const events = Array.from({ length: EVENTS }, () => account.event(1));
  // Those sent twice come first, each beside its twin, so that twins are under way at once and credits are there.
  const sent = [
    ...events.slice(0, SENT_TWICE).flatMap((event) => [event, event]),
    ...events.slice(SENT_TWICE),
  ];

  const decisions = await sendAll(sent);

  const allowed = decisions.filter((decision): decision is Allowed => decision.allowed);
  const reasons = decisions.flatMap((decision) => (decision.allowed ? [] : [decision.reason]));
  expect(new Set(reasons)).toEqual(new Set(["credits_exhausted"]));
  expect(reasons).toHaveLength(EVENTS - LEFT);
  expect(allowed.filter(({ replayed }) => !replayed)).toHaveLength(LEFT);
  expect(allowed.filter(({ replayed }) => replayed)).toHaveLength(SENT_TWICE);
  for (const { id } of events.slice(0, SENT_TWICE)) {
    const [first, second] = allowed.filter((decision) => decision.id === id);
    expect(first?.entry).toEqual(second?.entry);
    expect([first?.replayed, second?.replayed].sort()).toEqual([false, true]);
  }

  expect(await account.balance()).toMatchObject({ used: 5000, remaining: 0, overage: 0, state: "exhausted" });
  const logged = (await account.log()).map(({ id }) => id);
  expect(logged).toHaveLength(1 + LEFT);
  expect(new Set(logged.slice(0, LEFT))).toEqual(new Set(allowed.map(({ id }) => id)));
});

test("callers who hang up take nobody's answer along, and what they were told nothing about is booked at most once", async () => {
  const account = await TestAccount.open(server.test, { plans: ["plan-5000"] });
  const events = Array.from({ length: 600 }, () => account.event(1));
  const hangsUp = (index: number) => index % 3 === 0;

  const send = async (event: Event, index: number): Promise<Decision | null> => {
    const signal = hangsUp(index) ? AbortSignal.timeout(1 + (index % 7)) : AbortSignal.timeout(10_000);
    try {
      const answer = await fetch(`${server.url}/v1/consume`, {
        method: "POST",
        headers: { authorization: `Bearer ${server.keys.test}`, "content-type": "application/json" },
        body: JSON.stringify(event),
        signal,
      });
      return (await answer.json()) as Decision;
    } catch {
      return null;
    }
  };
  const answers: (Decision | null)[] = [];
  const waiting = events.entries();
  const caller = async () => {
    for (const [index, event] of waiting) answers[index] = await send(event, index);
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));

  const stayed = answers.filter((_, index) => !hangsUp(index));
  expect(stayed.every((answer) => answer?.allowed === true && !answer.replayed)).toBe(true);
  expect(answers.filter((answer) => answer === null).length).toBeGreaterThan(0);

  for (const event of events) await server.test.consume(event);
  expect(await account.balance()).toMatchObject({ used: events.length });
});

test("uses, holds, captures and releases at once never take used and held above the limit, and nothing is lost", async () => {
  const limit = 500;
  const account = await TestAccount.open(server.test, { plans: [`plan-${limit}`] });
  let captured = 0;
  const answers: (Decision | HoldDecision | CaptureDecision)[] = [];
  const heard = <Answer extends Decision | HoldDecision | CaptureDecision>(answer: Answer): Answer => {
    answers.push(answer);
    return answer;
  };
  /** Holds 3, then books 2 or 4 of it, or gives it back. */
  const hold = async (index: number) => {
    const event = account.event(3);
    if (!heard(await server.test.hold(event)).allowed) return;
    if (index % 3 === 0) {
      heard(await server.test.release(account.account, event.id));
      return;
    }
    const used = index % 3 === 1 ? 2 : 4;
    const settled = heard(
      await server.test.capture(account.account, event.id, { action: "unit", quantity: used }),
    );
    if (settled.allowed) captured += used;
    else heard(await server.test.release(account.account, event.id));
  };
  const waiting = Array.from({ length: 600 }, (_, index) => index).values();
  let consumed = 0;
  const caller = async () => {
    for (const index of waiting) {
      if (index % 2 === 0) await hold(index / 2);
      else if (heard(await account.consume(1)).allowed) consumed += 1;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));

  for (const { balance } of answers) expect(balance.used + balance.held).toBeLessThanOrEqual(limit);
  expect(answers.filter(({ allowed }) => !allowed)).not.toEqual([]);
  const { used, held } = await account.balance();
  expect({ used, held }).toEqual({ used: consumed + captured, held: 0 });
  expect((await account.log()).reduce((sum, { credits }) => sum + credits, 0)).toBe(used);
  expect(used).toBeGreaterThan(0.8 * limit);
});

/** The answers in the order of the events; each caller takes the next event when it has its answer. */
async function sendAll(events: readonly Event[]): Promise<readonly Decision[]> {
  const decisions: Decision[] = [];
  const waiting = events.entries();
  const caller = async () => {
    for (const [index, event] of waiting) decisions[index] = await server.test.consume(event);
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return decisions;
}
