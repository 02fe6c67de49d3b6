/** Where an account stands: state and why, used of limit, what it costs, what can be done next (rules, 10.1 and 7.5). */
import type { Balance } from "../../../../shared/client/types.ts";
import { localDay } from "../../../../shared/credits/period.ts";
import { dayCount } from "../../../../shared/reports/days.ts";
import { UsageBar } from "../../charts/usage-bar.tsx";
import type { Format } from "../../format.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Card, Facts, type Figure, Figures, type Tone } from "../../parts/blocks.tsx";
import { SETTING_WORDS } from "../settings/setting-names.ts";

interface StateProps {
  readonly balance: Balance;
  readonly page: AccountPage;
}

const STATES: Readonly<Record<Balance["state"], { readonly label: string; readonly tone: Tone }>> = {
  active: { label: "Active", tone: "good" },
  overage: { label: "Above the limit", tone: "warning" },
  exhausted: { label: "Credits used up", tone: "critical" },
  maximum_reached: { label: "Maximum reached", tone: "critical" },
  suspended: { label: "Suspended", tone: "critical" },
};

export function StateCard({ balance, page }: StateProps): Html {
  const { format, view } = page;
  const { limit, maximum, used, held, closedAt, state, stateReason } = balance;
  const shown = closedAt === null ? STATES[state] : { label: "Closed", tone: "plain" as const };
  return (
    <Card title="This period" id="this-period">
      <p>
        <Badge tone={shown.tone}>{shown.label}</Badge> {stateReason}
      </p>
      <UsageBar
        used={used}
        held={held}
        limit={limit}
        maximum={maximum}
        thresholdPercents={view.noticePercentages}
        format={format}
      />
      <Figures figures={figuresOf(balance, page)} />
      {closedAt === null ? <Facts facts={factsOf(balance, format)} /> : null}
    </Card>
  );
}

function figuresOf(balance: Balance, page: AccountPage): readonly Figure[] {
  const { format } = page;
  const { remaining, available, overage, money } = balance;
  const { accruedOverage, packsAmount, effectivePrice, nextInvoice, currency } = money;
  const noPrice = overage === 0 ? "None" : "No price";
  const packs = balance.activePacks.reduce((count, { quantity }) => count + quantity, 0);
  return [
    { label: "Remaining", value: format.credits(remaining), note: limitText(balance, format) },
    ...(available === remaining ? [] : [availableFigure(balance, format)]),
    resetFigure(balance, page),
    {
      label: "Overage so far",
      value: accruedOverage === null ? noPrice : format.money(accruedOverage),
      note: overage === 0 ? "nothing above the limit" : `${format.credits(overage)} credits above the limit`,
    },
    {
      label: "Packs this period",
      value: format.money(packsAmount),
      note: packs === 0 ? "no packs" : format.plural(packs, "pack"),
    },
    nextInvoice === null
      ? { label: "Next invoice", value: "None", note: "nothing to bill so far" }
      : {
          label: "Next invoice, expected",
          value: format.money(nextInvoice.amount),
          note: invoiceText(nextInvoice, format),
        },
    {
      label: "Effective price",
      value: effectivePrice === null ? "–" : format.roughPrice(effectivePrice, currency),
      note: effectivePrice === null ? "nothing used yet" : "per credit used: packs and overage",
    },
  ];
}

/** "3,000 included + 1,000 packs + 250 granted". */
function limitText({ included, packs, granted }: Balance, format: Format): string {
  const parts = [
    `${format.credits(included)} included`,
    ...(packs > 0 ? [`${format.credits(packs)} in packs`] : []),
    ...(granted > 0 ? [`${format.credits(granted)} granted`] : []),
  ];
  return parts.join(" + ");
}

function availableFigure({ available }: Balance, format: Format): Figure {
  return available === null
    ? { label: "Can be used now", value: "No cap", note: "usage goes on above the limit" }
    : { label: "Can be used now", value: format.credits(available), note: "until usage is paused" };
}

function resetFigure({ resetAt, closedAt }: Balance, { format, view }: AccountPage): Figure {
  if (closedAt !== null) return { label: "Closed", value: format.date(closedAt) };
  const { timeZone } = view.terms;
  const today = localDay(view.nowMs, timeZone);
  const days = dayCount({ from: today, to: localDay(Date.parse(resetAt), timeZone) }) - 1;
  return { label: "Resets", value: format.relativeDays(days), note: format.dateTime(resetAt) };
}

function invoiceText(
  { at, overage, packs }: NonNullable<Balance["money"]["nextInvoice"]>,
  format: Format,
): string {
  const parts = [
    ...(packs.amountMinor > 0 ? [`packs ${format.money(packs)}`] : []),
    ...(overage.amountMinor > 0 ? [`overage ${format.money(overage)}`] : []),
  ];
  return `on ${format.date(at)}, before tax: ${format.list(parts)}`;
}

function factsOf({ overageSetting, pending }: Balance, format: Format) {
  const later =
    pending === null
      ? ""
      : `; from ${format.date(pending.effectiveAt)} on: ${SETTING_WORDS[pending.overageSetting]}`;
  return [["At the limit", `${SETTING_WORDS[overageSetting]}${later}`]] as const;
}

/** What helps in this state, the most likely first; nothing for who may not do it. */
export function NextSteps({ balance, page }: StateProps): Html {
  const { root } = page;
  const { state, closedAt } = balance;
  if (closedAt !== null || state === "suspended" || !page.may("change_settings")) return <></>;
  const buy = { href: `${root}/packs`, label: "Buy packs" };
  const settings = {
    href: `${root}/settings`,
    label: state === "maximum_reached" ? "Raise the maximum" : "Change the setting",
  };
  const urgent = state === "exhausted" || state === "maximum_reached";
  const steps = state === "maximum_reached" ? [settings, buy] : [buy, settings];
  return (
    <>
      {steps.map(({ href, label }, index) => (
        <a class={urgent && index === 0 ? "button" : "button secondary"} href={href}>
          {label}
        </a>
      ))}
    </>
  );
}
