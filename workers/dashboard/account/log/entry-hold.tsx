/** The story of a hold: reserved when, until when, and what became of it (rules, 3.4). */
import type { EventFate } from "../../../../shared/client/types.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Facts } from "../../parts/blocks.tsx";

type Hold = NonNullable<EventFate["hold"]>;

interface HoldProps {
  readonly hold: Hold;
  readonly page: AccountPage;
}

export function HoldStory({ hold, page: { format } }: HoldProps): Html {
  const { status, credits, openedAt, expiresAt, settledAt, entry } = hold;
  const ended = settledAt === null ? null : format.dateTime(settledAt);
  return (
    <>
      <p>{TEXTS[status]}</p>
      <Facts
        facts={[
          ["Reserved", `${format.creditsExact(credits)} credits`],
          ["Opened", format.dateTime(openedAt)],
          status === "captured"
            ? null
            : [status === "open" ? "Expires" : "Would have expired", format.dateTime(expiresAt)],
          ended === null ? null : [ENDS[status], ended],
          entry === undefined ? null : ["Booked", `${format.creditsExact(entry.credits)} credits`],
          entry === undefined ? null : differenceFact(credits, entry.credits, format.creditsExact),
        ]}
      />
    </>
  );
}

const TEXTS: Readonly<Record<Hold["status"], string>> = {
  open: "These credits are reserved for work that is still going on. They count as held, not as used: what it really costs is booked when it is captured, and the rest is given back.",
  captured:
    "Credits were reserved before the work began. What it really cost was booked at the rates of then.",
  released: "The credits were given back before anything was booked. Nothing was used.",
  expired:
    "Nobody captured or released it in time, so the credits were given back by themselves. Nothing was used.",
};

const ENDS: Readonly<Record<Hold["status"], string>> = {
  open: "Ended",
  captured: "Captured",
  released: "Released",
  expired: "Expired",
};

function differenceFact(held: number, booked: number, show: (credits: string) => string) {
  if (held === booked) return null;
  const size = show(Math.abs(held - booked).toFixed(6));
  const fact: readonly [string, string] =
    booked < held
      ? ["Given back", `${size} credits`]
      : ["Above the hold", `${size} credits, decided when it was captured`];
  return fact;
}
