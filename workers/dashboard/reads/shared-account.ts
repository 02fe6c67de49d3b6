/** The accounts as one page sees them: what its calls want to know of an account is asked once. */
import type {
  AccountApi,
  AccountNotFound,
  AccountReport,
  CallContext,
  EventFate,
  TermsView,
} from "../../../shared/protocol.ts";
import { accountOf } from "../../account/stub.ts";
import type { Env } from "../../env.ts";

/** Whether a method may change what the account reports. */
const CHANGES: Readonly<Record<keyof AccountApi, boolean>> = {
  view: false,
  report: false,
  explain: false,
  fate: false,
  readHold: false,
  terms: false,
  open: true,
  use: true,
  hold: true,
  capture: true,
  release: true,
  execute: true,
  executeAll: true,
  correct: true,
  attachOutcome: true,
  due: true,
  acknowledge: true,
  advanceClock: true,
  flush: true,
};

/** What one call has brought; `fate` of the page's event. */
interface Kept {
  readonly report: AccountReport | AccountNotFound;
  readonly fate: EventFate | AccountNotFound | null;
}

export interface SharedAccounts {
  readonly namespace: Env["ACCOUNT"];
  readonly calls: () => number;
  /** Resolves once no call that the page shares is under way; null where none is. Never rejects. */
  readonly underWay: () => Promise<unknown> | null;
}

/**
 * Accounts whose `view`, `report` and `terms` are answered from one call each, until a method is called that may change them.
 * `eventId`: the event that the page is about; its `fate` comes with the same call. `changed` is called before and
 * after each method that may change something.
 */
export function shareAccounts(env: Env, eventId: string | undefined, changed: () => void): SharedAccounts {
  let calls = 0;
  const accounts = new Map<string, AccountApi>();
  const underWay = new Set<Promise<unknown>>();

  function shared(key: string): AccountApi {
    let kept: Promise<Kept> | null = null;
    const call = (): AccountApi => {
      calls += 1;
      return accountOf(env, key);
    };
    const ask = async (context: CallContext): Promise<Kept> => {
      if (eventId === undefined) return { report: await call().report(context), fate: null };
      const explained = await call().explain(eventId, context);
      if (explained.kind === "account_not_found") return { report: explained, fate: explained };
      const { fate, ...report } = explained;
      return { report, fate };
    };
    /**
     * The context of the first call counts: of the others it could differ by a newer revision of the offer only, and
     * whoever had asked that much earlier would have been answered with the older one too.
     */
    const keep = (context: CallContext): Promise<Kept> => {
      if (kept !== null) return kept;
      const asked = ask(context);
      const ended = asked.then(
        () => {},
        () => {
          if (kept === asked) kept = null;
        },
      );
      underWay.add(ended);
      void ended.then(() => underWay.delete(ended));
      kept = asked;
      return asked;
    };
    const forget = () => {
      kept = null;
      changed();
    };
    const passThrough = Object.entries(CHANGES).map(([method, changes]) => [
      method,
      async (...asked: readonly unknown[]): Promise<unknown> => {
        if (changes) forget();
        try {
          return await callMethod(call(), method, asked);
        } finally {
          // What was asked meanwhile may not know of the change.
          if (changes) forget();
        }
      },
    ]);
    const account: AccountApi = Object.fromEntries(passThrough);
    return {
      ...account,
      view: async (context) => (await keep(context)).report,
      report: async (context) => (await keep(context)).report,
      terms: async (context) => termsIn((await keep(context)).report),
      fate: async (id, context) => {
        const { fate } = id === eventId ? await keep(context) : { fate: null };
        return fate ?? account.fate(id, context);
      },
    };
  }

  const getByName = (key: string): AccountApi => {
    const known = accounts.get(key) ?? shared(key);
    accounts.set(key, known);
    return known;
  };
  return {
    // What `accountOf` uses of it.
    namespace: { getByName } as unknown as Env["ACCOUNT"],
    calls: () => calls,
    underWay: () => (underWay.size === 0 ? null : Promise.all(underWay)),
  };
}

/** The terms that a report has besides all else. */
function termsIn(report: AccountReport | AccountNotFound): TermsView | AccountNotFound {
  if (report.kind === "account_not_found") return report;
  const { terms, pendingTerms, status, balance } = report;
  return { kind: "terms", terms, pendingTerms, status, resetAtMs: balance.resetAtMs };
}

/** By the method's name: a stub takes calls of its properties only, it has no functions to bind. */
async function callMethod(account: AccountApi, method: string, asked: readonly unknown[]): Promise<unknown> {
  const methods = account as unknown as Readonly<Record<string, (...asked: readonly unknown[]) => unknown>>;
  return methods[method]?.(...asked);
}
