/** Before a draft is published: what it changes, from when, and with how much notice (rules, 8.4). */
import type { RateSheet } from "../../../shared/client/types.ts";
import { NOTICE_DAYS, NOTICE_MS } from "../../../shared/credits/rate-changes.ts";
import type { Done } from "../define.tsx";
import { FORM_FIELD, type FormState, type FormValues, stateOf } from "../form.ts";
import type { Html, Page } from "../page.tsx";
import { Badge, Card, PageHead } from "../parts/blocks.tsx";
import { ChoiceField, TextField } from "../parts/fields.tsx";
import { Form, Hidden } from "../parts/form.tsx";
import { type Draft, draftOfJson, jsonOf, wireOf } from "./draft.ts";
import { ASKED, Ask, DRAFT } from "./draft-form.tsx";
import { changesBetween, needsNotice, RateChanges } from "./rate-changes.tsx";
import { SHEETS } from "./rate-sheets.tsx";
import { instantOf } from "./time-field.ts";

export const PUBLISH = "publish";
const HOUR_MS = 60 * 60 * 1000;
const MINUTE_CHARS = 16;

interface ReviewProps {
  readonly draft: Draft;
  /** What is or will be in force without the draft; null: it is the first version. */
  readonly before: RateSheet | null;
  readonly page: Page;
  readonly form: FormState;
  readonly nowMs: number;
}

export function Review({ draft, before, page, form, nowMs }: ReviewProps): Html {
  const { format, mode } = page;
  const changes = before === null ? [] : changesBetween(before.features, wireOf(draft));
  const isRise = needsNotice(changes);
  // Against another version than this one it may be a rise, too: the API says so beside the time.
  const mayBeShort = isRise || stateOf(form, PUBLISH).errors.effectiveAt !== undefined;
  return (
    <>
      <PageHead
        title="Review the draft"
        lead={before === null ? "The first version." : `Against version ${before.version}.`}
      >
        <BackToEditing draft={draft} />
      </PageHead>
      {before === null ? null : (
        <Card title="What it changes">
          <RateChanges changes={changes} format={format} />
          {isRise ? (
            <p>
              <Badge tone="warning">Needs notice</Badge> Prices rise, so it takes effect at least{" "}
              {NOTICE_DAYS} days from now, and the admins who use these features are told.
            </p>
          ) : null}
        </Card>
      )}
      {mode === "test" ? (
        <p class="muted">Only live keys publish: prices are the same for live and test accounts.</p>
      ) : (
        <Card title="Publish">
          <Form name={PUBLISH} state={form} submit="Publish this version">
            <Others state={form} />
            <Hidden name="json" value={jsonOf(draft)} />
            <TextField
              form={PUBLISH}
              state={form}
              name="effectiveAt"
              type="datetime-local"
              label="In force from (UTC)"
              hint={
                before === null
                  ? "At once, where there is no time."
                  : isRise
                    ? `${NOTICE_DAYS} days from now or later, unless you ask for a shorter notice below.`
                    : "In a minute, where there is no time."
              }
              value={isRise ? localMinute(nowMs + NOTICE_MS + HOUR_MS) : ""}
            />
            {mayBeShort ? (
              <ChoiceField
                form={PUBLISH}
                state={form}
                type="checkbox"
                name="shortNotice"
                label="Notice"
                options={[
                  {
                    value: "true",
                    label: `Let prices rise with less than ${NOTICE_DAYS} days' notice`,
                    hint: "The notice to the admins says so.",
                  },
                ]}
              />
            ) : null}
          </Form>
        </Card>
      )}
    </>
  );
}

function BackToEditing({ draft }: { readonly draft: Draft }): Html {
  return (
    <form method="post">
      <Hidden name={FORM_FIELD} value={DRAFT} />
      <Hidden name="json" value={jsonOf(draft)} />
      <Hidden name={ASKED} value="use-json" />
      <Ask value="use-json" label="Back to editing" />
    </form>
  );
}

/** What is wrong with the draft itself, which has no field here. */
function Others({ state }: { readonly state: FormState }): Html {
  const { errors } = stateOf(state, PUBLISH);
  const others = Object.entries(errors).filter(([field]) => !["effectiveAt", "shortNotice"].includes(field));
  return (
    <>
      {others.map(([field, message]) => (
        <p class="error">
          {field}: {message}
        </p>
      ))}
    </>
  );
}

function localMinute(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, MINUTE_CHARS);
}

export async function publish({ client, format }: Page, form: FormValues): Promise<Done> {
  const draft = draftOfJson(form.text("json"), "json");
  const { version, effectiveAt } = await client.publishRateSheet({
    features: wireOf(draft),
    ...(form.text("effectiveAt") === "" ? {} : { effectiveAt: instantOf(form, "effectiveAt") }),
    shortNotice: form.checked("shortNotice"),
  });
  return {
    to: `${SHEETS}/${version}`,
    said: `Version ${version} is published, in force from ${format.dateTime(effectiveAt)}.`,
  };
}
