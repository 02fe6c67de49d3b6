/** A new version of the rate sheet: edit a draft, see what last month would have cost, review, publish (rules, 8). */
import type { RateSheet, RateSheetSummary } from "../../../shared/client/types.ts";
import { operatorPage, type Shown } from "../define.tsx";
import { type FormState, type FormValues, stateOf } from "../form.ts";
import { type Html, type Page, PageNotFound } from "../page.tsx";
import { PageHead } from "../parts/blocks.tsx";
import { TextArea } from "../parts/fields.tsx";
import {
  checkDraft,
  type Draft,
  draftOf,
  draftOfJson,
  EMPTY_DRAFT,
  edited,
  jsonOf,
  readDraft,
} from "./draft.ts";
import { ASKED, Ask, DRAFT, DraftForm } from "./draft-form.tsx";
import { QUOTED_MAX, QuoteFields, quoted } from "./draft-quote.tsx";
import { keyMayChange } from "./parts.tsx";
import { PUBLISH, publish, Review } from "./rate-sheet-review.tsx";
import { readCurrent, SHEETS } from "./rate-sheets.tsx";

interface NewData {
  readonly start: RateSheet | null;
  readonly before: RateSheet | null;
  readonly accounts: readonly string[];
  readonly nowMs: number;
}

export const newRateSheetPage = operatorPage<NewData>({
  path: "/rate-sheets/new",
  nav: "rate-sheets",
  title: "Draft of a rate sheet",
  load,
  view: (data, page, form) => {
    if (form.refused === PUBLISH) {
      return reviewOf(draftOfJson(form.values.text("json"), "json"), data, page, form);
    }
    const draft = draftShown(data, form);
    const isReview = form.refused === DRAFT && form.values.text(ASKED) === "review";
    if (isReview && isFine(form)) return reviewOf(draft, data, page, form);
    return <Editor draft={draft} data={data} form={form} />;
  },
  actions: { [DRAFT]: { run: work, fields: { accounts: "accounts" } }, [PUBLISH]: { run: publish } },
});

async function load(page: Page): Promise<NewData> {
  const { client, query } = page;
  if (!keyMayChange(page)) throw new PageNotFound();
  const from = /^[1-9]\d{0,8}$/.test(query.from ?? "") ? Number(query.from) : null;
  const [list, current, start, accounts] = await Promise.all([
    client.rateSheets(),
    readCurrent(client),
    from === null ? null : client.rateSheet(from),
    client.accounts({ limit: QUOTED_MAX }),
  ]);
  const last = lastInForce(list.data);
  const before =
    last === null || last.version === current?.version ? current : await client.rateSheet(last.version);
  return {
    start: start ?? current,
    before,
    accounts: accounts.data.map(({ account }) => account),
    nowMs: Date.now(),
  };
}

/** The version that will be in force in the end, as things are published now. */
function lastInForce(sheets: readonly RateSheetSummary[]): RateSheetSummary | null {
  const [last] = sheets
    .filter(({ withdrawnAt }) => withdrawnAt === null)
    .toSorted((a, b) => Date.parse(b.effectiveAt) - Date.parse(a.effectiveAt) || b.version - a.version);
  return last ?? null;
}

function reviewOf(draft: Draft, { before, nowMs }: NewData, page: Page, form: FormState): Html {
  return (
    <>
      <p>
        <a href={SHEETS}>All versions</a>
      </p>
      <Review draft={draft} before={before} page={page} form={form} nowMs={nowMs} />
    </>
  );
}

function isFine({ errors, message }: FormState): boolean {
  return message === null && Object.keys(errors).length === 0;
}

/** As the form sent it, with what its button asked for. */
function draftShown({ start }: NewData, form: FormState): Draft {
  if (form.refused !== DRAFT) return start === null ? EMPTY_DRAFT : draftOf(start.features);
  const asked = form.values.text(ASKED);
  if (asked === "use-json" && isFine(form)) return draftOfJson(form.values.text("json"), "json");
  return edited(readDraft(form.values), asked);
}

interface EditorProps {
  readonly draft: Draft;
  readonly data: NewData;
  readonly form: FormState;
}

function Editor({ draft, data, form }: EditorProps): Html {
  const { errors, message } = stateOf(form, DRAFT);
  const isJsonBad = errors.json !== undefined;
  return (
    <>
      <p>
        <a href={SHEETS}>All versions</a>
      </p>
      <PageHead
        title="Draft of a rate sheet"
        lead={
          data.start === null
            ? "The first version."
            : `It began as version ${data.start.version}. Nothing changes for anybody until it is published.`
        }
      />
      <p class="muted">
        The draft is kept in this page only: publish it, or copy it as JSON, before you leave.
      </p>
      {message === null ? null : (
        <p class="form-message" role="alert">
          {message}
        </p>
      )}
      <DraftForm draft={draft} errors={errors}>
        <details class="card draft-json" open={isJsonBad}>
          <summary>All at once, as JSON</summary>
          <TextArea
            form={DRAFT}
            state={isJsonBad ? form : { ...form, refused: null }}
            name="json"
            label="Features"
            hint="The list that the API takes. Using it replaces all fields above."
            value={jsonOf(draft)}
            rows={16}
          />
          <Ask value="use-json" label="Use this JSON" />
        </details>
        <QuoteFields accounts={data.accounts} form={form} />
        <div class="actions">
          <Ask value="review" label="Review and publish" main />
        </div>
      </DraftForm>
    </>
  );
}

/** What the draft's form asks for; the draft itself stays in the form. */
async function work(page: Page, form: FormValues): Promise<Shown> {
  const asked = form.text(ASKED);
  if (asked === "use-json") draftOfJson(form.text("json"), "json");
  if (asked !== "quote" && asked !== "review") return { keepsForm: true };
  const draft = readDraft(form);
  checkDraft(draft);
  return asked === "quote"
    ? { shown: await quoted(page, form, draft), keepsForm: true }
    : { keepsForm: true };
}
