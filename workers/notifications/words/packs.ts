/** Words of notices about packs, settings and the limit (rules, section 5). */
import { creditsText, dayText, instantText, moneyText } from "../../../shared/text.ts";
import { atTheLimit, type Content, type Message, type Reader, settingName } from "./message.ts";

export function automaticUpgrade(content: Content<"automatic_upgrade">, reader: Reader): Message {
  const { packs, packName, price, usedMicros, limitMicros } = content;
  const one = packs === 1;
  return {
    title: one ? "A pack was added automatically" : `${packs} packs were added automatically`,
    paragraphs: [
      `${reader.accountName} needed more credits than its limit, so ${packs} × ${packName} ${one ? "was" : "were"} added for ${moneyText(price)} in this period.`,
      `The monthly limit is now ${creditsText(limitMicros)} credits, of which ${creditsText(usedMicros)} are used. What was added stays for the rest of the commitment term.`,
      "A super admin or billing admin can set a maximum or choose another overage setting, so that no more is added.",
    ],
  };
}

export function upgradeUnavailable(content: Content<"upgrade_unavailable">, reader: Reader): Message {
  const reset = instantText(content.resetAtMs, reader.timeZone);
  return {
    title: "No pack is on sale for automatic upgrades",
    paragraphs: [
      `${reader.accountName} needs more credits and is set to automatic upgrade, but no pack is on sale in ${content.currency}.`,
      `Uses above the limit are denied until the reset on ${reset}.`,
      `A super admin or billing admin can choose another overage setting; the provider can offer a pack in ${content.currency}.`,
    ],
  };
}

export function settingChanged(content: Content<"setting_changed">, reader: Reader): Message {
  const reset = instantText(content.resetAtMs, reader.timeZone);
  return {
    title: `The overage setting is now ${settingName(content.to)}`,
    paragraphs: [
      `The overage setting of ${reader.accountName} was changed from ${settingName(content.from)} to ${settingName(content.to)}; it is in force.`,
      atTheLimit(content.to, reset),
      "A super admin or billing admin can change it again.",
    ],
  };
}

export function settingWaiting(content: Content<"setting_waiting">, reader: Reader): Message {
  const effective = instantText(content.effectiveAtMs, reader.timeZone);
  return {
    title: "A change of the overage setting waits for the reset",
    paragraphs: [
      `The overage setting of ${reader.accountName} changes from ${settingName(content.from)} to ${settingName(content.to)} on ${effective}, because credits were already used in this period.`,
      `Until then ${settingName(content.from)} stays in force.`,
      "A super admin or billing admin can cancel the change or choose another one.",
    ],
  };
}

export function maximumRaised(content: Content<"maximum_raised">, reader: Reader): Message {
  return {
    title: "Please review the maximum monthly credit limit",
    paragraphs: [
      `A purchase raised the limit of ${reader.accountName} above its maximum, so the maximum went from ${creditsText(content.fromMicros)} to ${creditsText(content.toMicros)} credits.`,
      "Up to the new maximum, usage goes on.",
      "A super admin or billing admin can set another maximum.",
    ],
  };
}

/** All packs end with their term; bought ones are renewed unless cancelled (5.3). */
export function termEnding(content: Content<"term_ending">, reader: Reader): Message {
  const ends = instantText(content.endsAtMs, reader.timeZone);
  return {
    title: `The commitment term ends on ${ends}`,
    paragraphs: [
      `The commitment term of ${reader.accountName} ends on ${ends}, and all its packs with it.`,
      ...content.packs.map(whatBecomesOf),
      "Renewed packs cost the price then current, for another term. Until then a super admin or billing admin can cancel a renewal or choose fewer or smaller packs for the next term.",
    ],
  };
}

function whatBecomesOf(pack: Content<"term_ending">["packs"][number]): string {
  const { quantity, name, creditsMicros, renewal } = pack;
  const held = `${quantity} × ${name} (${creditsText(creditsMicros * quantity)} credits a month)`;
  if (renewal.quantity === 0) return `${held}: ends.`;
  if (renewal.pack === pack.pack && renewal.quantity === quantity) return `${held}: is renewed.`;
  return `${held}: becomes ${renewal.quantity} × ${renewal.name}.`;
}

/** Back to included credits (5.2). */
export function packsEnded(content: Content<"packs_ended">, reader: Reader): Message {
  const reset = instantText(content.resetAtMs, reader.timeZone);
  return {
    title: "The last capacity pack has ended",
    paragraphs: [
      `${reader.accountName} has no packs any more. Its monthly limit is now ${creditsText(content.limitMicros)} credits; a maximum and a waiting change of the overage setting were dropped.`,
      atTheLimit("pause", reset),
      "A super admin or billing admin can buy a pack.",
    ],
  };
}

/** One-off credits (2.5). */
export function grantAdded(content: Content<"grant_added">, reader: Reader): Message {
  return {
    title: `${creditsText(content.creditsMicros)} credits were granted`,
    paragraphs: [
      `${reader.accountName} was given ${creditsText(content.creditsMicros)} credits for the period from ${dayText(content.grantPeriod)}. The reason: ${content.reason}`,
      "They cost nothing, raise the limit of that period only, and expire with it.",
    ],
  };
}
