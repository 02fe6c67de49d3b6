/** Log, usage report and periods as files: the API's own exports, passed on as they arrive. */
import type { Context } from "hono";
import { DrawdownError } from "../../../../shared/client/client.ts";
import type { PageModule } from "../../define.tsx";
import { type AccountPage, type Api, type DashboardEnv, type Html, PageNotFound } from "../../page.tsx";

const TYPES = { csv: "text/csv", ndjson: "application/x-ndjson" } as const;
const FORMATS = [
  { format: "csv", label: "CSV" },
  { format: "ndjson", label: "NDJSON" },
] as const;

/** By the API's name of the list: where its file is, below the account's pages. */
const PATHS = {
  log: "/log/download",
  usage: "/history/download",
  periods: "/history/periods/download",
} as const;
type List = keyof typeof PATHS;

/** Files of the three lists. Without a format it is no file: "download" may be the id of an entry too. */
export const downloads: PageModule = (routes, api) => {
  for (const list of ["log", "usage", "periods"] as const) {
    routes.get(`/accounts/:account${PATHS[list]}`, async (context, next) => {
      const { format, ...query } = context.req.query();
      if (format === undefined) return next();
      if (format !== "csv" && format !== "ndjson") throw new PageNotFound();
      return download(api, context, { list, format, query });
    });
  }
};

interface Download {
  readonly list: List;
  readonly format: keyof typeof TYPES;
  readonly query: Readonly<Record<string, string>>;
}

/** The API decides who may have it; its stream is not read here, so its length does not matter. */
async function download(
  api: Api,
  context: Context<DashboardEnv>,
  { list, format, query }: Download,
): Promise<Response> {
  const { session, sessionToken } = context.var;
  const account = context.req.param("account") ?? "";
  if (session.user !== null && session.user.account !== account) throw new PageNotFound();
  const url = new URL(`/v1/accounts/${encodeURIComponent(account)}/${list}`, context.req.url);
  url.search = new URLSearchParams(query).toString();
  const headers = { accept: TYPES[format], authorization: `Bearer ${sessionToken}` };
  const request = new Request(url, { headers, signal: context.req.raw.signal });
  const answer = await api.fetch(request, context.env, context.executionCtx as ExecutionContext);
  if (!answer.ok) throw new DrawdownError(await answer.json());
  return new Response(answer.body, {
    headers: {
      "content-type": answer.headers.get("content-type") ?? TYPES[format],
      "content-disposition": answer.headers.get("content-disposition") ?? "attachment",
      "cache-control": "private, no-store",
    },
  });
}

interface LinksProps {
  readonly page: AccountPage;
  readonly list: List;
  /** The list's own filter; what is not set is left out. */
  readonly query: Readonly<Record<string, string | undefined>>;
}

/** What the page shows, whole, as a file. */
export function DownloadLinks({ page: { root }, list, query }: LinksProps): Html {
  return (
    <p class="downloads no-print">
      {"Download: "}
      {FORMATS.map(({ format, label }) => (
        <>
          <a href={`${root}${PATHS[list]}?${search({ format, ...query })}`} download>
            {label}
          </a>{" "}
        </>
      ))}
    </p>
  );
}

function search(query: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return new URLSearchParams(set).toString();
}
