/** Who may do what in an account: users, features, budgets, and the audit log (rules, section 9). */
import { accountPath, at } from "./calls.ts";
import { ReportCalls } from "./report-calls.ts";
import type {
  AccountFeature,
  AuditQuery,
  AuditRecord,
  Budget,
  Page,
  PortalSession,
  PutBudget,
  PutFeature,
  PutUser,
  User,
  Users,
  UsersQuery,
} from "./types.ts";

export class PeopleCalls extends ReportCalls {
  users(account: string, query: UsersQuery = {}): Promise<Users> {
    return this.get(`${accountPath(account)}/users`, query);
  }

  user(account: string, user: string): Promise<User> {
    return this.get(userPath(account, user));
  }

  putUser(account: string, user: string, body: PutUser): Promise<User> {
    return this.put(userPath(account, user), body);
  }

  removeUser(account: string, user: string): Promise<void> {
    return this.delete(userPath(account, user));
  }

  /** Removes name and address for good; the id remains. */
  eraseUser(account: string, user: string): Promise<User> {
    return this.post(`${userPath(account, user)}/erase`);
  }

  /** A link that signs the user in to the account's pages; it opens once. Not repeated: each call mints one. */
  createPortalSession(account: string, user: string): Promise<PortalSession> {
    return this.post(`${accountPath(account)}/portal-sessions`, { user }, { retry: false });
  }

  features(account: string): Promise<Page<AccountFeature>> {
    return this.get(`${accountPath(account)}/features`);
  }

  feature(account: string, feature: string): Promise<AccountFeature> {
    return this.get(at`/v1/accounts/${account}/features/${feature}`);
  }

  /** Pauses or resumes it, names its owner, limits who may use it; what is not named stays. */
  putFeature(account: string, feature: string, body: PutFeature): Promise<AccountFeature> {
    return this.put(at`/v1/accounts/${account}/features/${feature}`, body);
  }

  budgets(account: string): Promise<Page<Budget>> {
    return this.get(`${accountPath(account)}/budgets`);
  }

  budget(account: string, budget: string): Promise<Budget> {
    return this.get(budgetPath(account, budget));
  }

  putBudget(account: string, budget: string, body: PutBudget): Promise<Budget> {
    return this.put(budgetPath(account, budget), body);
  }

  removeBudget(account: string, budget: string): Promise<void> {
    return this.delete(budgetPath(account, budget));
  }

  /** Who changed what of the account, newest first. */
  audit(account: string, query: AuditQuery = {}): Promise<Page<AuditRecord>> {
    return this.get(`${accountPath(account)}/audit`, query);
  }
}

function userPath(account: string, user: string): string {
  return at`/v1/accounts/${account}/users/${user}`;
}

function budgetPath(account: string, budget: string): string {
  return at`/v1/accounts/${account}/budgets/${budget}`;
}
