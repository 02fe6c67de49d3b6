/** How pages and their forms become routes. */

import type { Context, Hono } from "hono";
import { DrawdownError } from "../../shared/client/client.ts";
import type { Capability } from "../../shared/credits/permissions.ts";
import { answer, redirectSaying, takeFlash } from "./answer.tsx";
import {
  FORM_FIELD,
  FormRefused,
  type FormState,
  type FormValues,
  readForm,
  refusedForm,
  UNTOUCHED,
} from "./form.ts";
import type { NavId } from "./nav.ts";
import {
  type AccountPage,
  type Api,
  type DashboardEnv,
  type Html,
  openAccountPage,
  openPage,
  type Page,
  PageNotFound,
  reaches,
} from "./page.tsx";
import { AccountFrame, OperatorFrame } from "./shell.tsx";

/** A form did its work: where to go on, and what to say there. */
export interface Done {
  readonly to: string;
  readonly said: string;
}

/**
 * A form's answer is a page: what must be seen once and kept nowhere, such as a secret, or what a form found out. It
 * stands above the page's own view.
 */
export interface Shown {
  readonly shown?: Html;
  /** The form keeps what was written into it. */
  readonly keepsForm?: boolean;
}

/** What one form of a page does; it throws what the client throws, or `FormRefused`. */
export interface Action<P> {
  readonly run: (page: P, form: FormValues) => Promise<Done | Shown>;
  /** The form's field for a field of the API, where their names differ. */
  readonly fields?: Readonly<Record<string, string>>;
}

interface Definition<P, Data> {
  /** With parameters as Hono writes them, below the account's root or below /operator. */
  readonly path: string;
  /** The entry of the navigation that it belongs to. */
  readonly nav: NavId;
  readonly title: string | ((data: Data, page: P) => string);
  /** Reads all the page shows; in parallel, so that reads travel together. Throws PageNotFound where nothing is there. */
  readonly load: (page: P) => Promise<Data>;
  readonly view: (data: Data, page: P, form: FormState) => Html;
  readonly actions?: Readonly<Record<string, Action<P>>>;
}

export interface AccountDefinition<Data> extends Definition<AccountPage, Data> {
  /** Without any reach of it the page does not exist for the viewer; null: everybody of the account. */
  readonly needs: Capability | null;
}

export type OperatorDefinition<Data> = Definition<Page, Data>;

/** Adds the routes of some pages. */
export type PageModule = (routes: Hono<DashboardEnv>, api: Api) => void;

/** A page of an account, at /accounts/:account + path. */
export function accountPage<Data>(definition: AccountDefinition<Data>): PageModule {
  return (routes, api) => {
    const path = `/accounts/:account${definition.path}`;
    const open = async (context: Context<DashboardEnv>, flash: string | null) => {
      const page = await openAccountPage(api, context, context.req.param("account") ?? "", flash);
      if (definition.needs !== null && !reaches(page.viewer, definition.needs)) throw new PageNotFound();
      return page;
    };
    const frame = (page: AccountPage, title: string, body: Html) => (
      <AccountFrame page={page} title={title} current={definition.nav}>
        {body}
      </AccountFrame>
    );
    addRoutes(routes, path, definition, open, frame);
  };
}

/** A page of the operator, at /operator + path. */
export function operatorPage<Data>(definition: OperatorDefinition<Data>): PageModule {
  return (routes, api) => {
    const open = async (context: Context<DashboardEnv>, flash: string | null) => {
      if (context.var.session.user !== null) throw new PageNotFound();
      return openPage(api, context, flash);
    };
    const frame = (page: Page, title: string, body: Html) => (
      <OperatorFrame page={page} title={title} current={definition.nav}>
        {body}
      </OperatorFrame>
    );
    addRoutes(routes, `/operator${definition.path}`, definition, open, frame);
  };
}

function addRoutes<P extends Page, Data>(
  routes: Hono<DashboardEnv>,
  path: string,
  definition: Definition<P, Data>,
  open: (context: Context<DashboardEnv>, flash: string | null) => Promise<P>,
  frame: (page: P, title: string, body: Html) => Html,
): void {
  const { actions = {}, load, view, title } = definition;
  const show = async (page: P, form: FormState, status: 200 | 422, shown?: Html) => {
    const data = await load(page);
    const named = typeof title === "string" ? title : title(data, page);
    const own = view(data, page, form);
    const body = shown === undefined ? own : <>{[shown, own]}</>;
    return answer(page, frame(page, named, body), status);
  };
  routes.get(path, async (context) => show(await open(context, takeFlash(context)), UNTOUCHED, 200));
  if (Object.keys(actions).length === 0) return;
  routes.post(path, async (context) => {
    const values = await readForm(context.req);
    const name = values.text(FORM_FIELD);
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
    if (action === undefined) throw new PageNotFound();
    const page = await open(context, null);
    try {
      const done = await action.run(page, values);
      if ("to" in done) return redirectSaying(context, done);
      const kept = { ...UNTOUCHED, refused: name, values };
      return show(page, done.keepsForm === true ? kept : UNTOUCHED, 200, done.shown);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      return show(page, refusedForm(name, values, refusal, action.fields), 422);
    }
  });
}

/** What the form itself can put right; all else is an error of the page. */
function refusalOf(error: unknown): DrawdownError | FormRefused | null {
  if (error instanceof FormRefused) return error;
  if (!(error instanceof DrawdownError)) return null;
  return [400, 409, 422].includes(error.problem.status) ? error : null;
}
