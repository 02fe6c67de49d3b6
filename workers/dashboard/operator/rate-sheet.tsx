/** One version of the rate sheet: its prices, what it changes, and taking it back before it is in force (rules, 8). */
import type { RateSheet } from "../../../shared/client/types.ts";
import { priceText } from "../account/prices/rate-words.ts";
import { type Done, operatorPage } from "../define.tsx";
import type { FormState, FormValues } from "../form.ts";
import type { Format } from "../format.ts";
import { type Html, type Page, PageNotFound } from "../page.tsx";
import { Badge, Card, Facts, PageHead, Table } from "../parts/blocks.tsx";
import { ChoiceField } from "../parts/fields.tsx";
import { Form } from "../parts/form.tsx";
import { keyMayChange } from "./parts.tsx";
import { changesBetween, RateChanges } from "./rate-changes.tsx";
import { readCurrent, SHEETS, SheetBadge, type SheetState, sheetState } from "./rate-sheets.tsx";

const WITHDRAW = "withdraw";

interface SheetData {
  readonly sheet: RateSheet;
  readonly current: RateSheet | null;
  readonly state: SheetState;
}

export const rateSheetPage = operatorPage<SheetData>({
  path: "/rate-sheets/:version",
  nav: "rate-sheets",
  title: ({ sheet }) => `Version ${sheet.version}`,
  load: async (page) => {
    const [sheet, current] = await Promise.all([
      page.client.rateSheet(versionOf(page)),
      readCurrent(page.client),
    ]);
    return { sheet, current, state: sheetState(sheet, current, Date.now()) };
  },
  view: ({ sheet, current, state }, page, form) => {
    const { format, mode } = page;
    const mayChange = keyMayChange(page);
    return (
      <>
        <p>
          <a href={SHEETS}>All versions</a>
        </p>
        <PageHead title={`Version ${sheet.version}`} lead={<SheetBadge state={state} />}>
          {mayChange ? (
            <a class="button secondary" href={`${SHEETS}/new?from=${sheet.version}`}>
              New draft from it
            </a>
          ) : null}
        </PageHead>
        <Card title="Version">
          <About sheet={sheet} format={format} />
        </Card>
        {state === "scheduled" && current !== null ? (
          <Card title={`What it changes against version ${current.version}`} id="changes">
            <RateChanges changes={changesBetween(current.features, sheet.features)} format={format} />
          </Card>
        ) : null}
        <Card title="Prices">
          <Prices features={sheet.features} format={format} />
        </Card>
        {state === "scheduled" && mayChange && mode === "live" ? <Withdraw form={form} /> : null}
      </>
    );
  },
  actions: { [WITHDRAW]: { run: withdraw } },
});

function versionOf({ context }: Page): number {
  const text = context.req.param("version") ?? "";
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new PageNotFound();
  return Number(text);
}

function About({ sheet, format }: { readonly sheet: RateSheet; readonly format: Format }): Html {
  const actions = sheet.features.reduce((total, feature) => total + feature.actions.length, 0);
  return (
    <Facts
      facts={[
        ["In force from", format.dateTime(sheet.effectiveAt)],
        ["Published", format.dateTime(sheet.publishedAt)],
        sheet.shortNotice ? ["Notice", "less than 30 days, as the notice said"] : null,
        sheet.withdrawnAt === null ? null : ["Withdrawn", format.dateTime(sheet.withdrawnAt)],
        [
          "Prices",
          `${format.plural(actions, "action")} of ${format.plural(sheet.features.length, "feature")}`,
        ],
      ]}
    />
  );
}

interface PricesProps {
  readonly features: RateSheet["features"];
  readonly format: Format;
}

/** A row per action; what is said of its feature stands beside the first one. */
function Prices({ features, format }: PricesProps): Html {
  return (
    <Table
      caption="Prices"
      columns={[{ label: "Action" }, { label: "Price" }, { label: "Feature" }]}
      rows={features.flatMap(({ actions, ...feature }) =>
        actions.map((action, index) => [
          <>
            {action.name}
            <small class="break">
              {feature.feature}/{action.action}
            </small>
          </>,
          <span class="nowrap">{priceText(action, format)}</span>,
          <>
            {feature.name} {feature.beta ? <Badge tone="accent">Beta: free</Badge> : null}
            {index > 0 ? null : (
              <small class="description">
                {[feature.category, feature.description].filter((text) => text !== "").join(" · ")}
              </small>
            )}
          </>,
        ]),
      )}
    />
  );
}

function Withdraw({ form }: { readonly form: FormState }): Html {
  return (
    <Card title="Withdraw">
      <p>It then never takes effect. Who was told of it is told of that, too.</p>
      <Form name={WITHDRAW} state={form} submit="Withdraw this version" danger>
        <ChoiceField
          form={WITHDRAW}
          state={form}
          type="checkbox"
          name="shortNotice"
          label="Notice"
          options={[
            { value: "true", label: "A later version may then raise a price with less than 30 days' notice" },
          ]}
        />
      </Form>
    </Card>
  );
}

async function withdraw(page: Page, form: FormValues): Promise<Done> {
  const { version } = await page.client.withdrawRateSheet(versionOf(page), {
    shortNotice: form.checked("shortNotice"),
  });
  return { to: page.url.pathname, said: `Version ${version} is withdrawn.` };
}
