/** Lines and sums of an invoice, or of what one would say: quantity × price = amount (rules, 7.3). */
import type { Invoice } from "../../../../shared/client/types.ts";
import type { Format } from "../../format.ts";
import type { Html } from "../../page.tsx";

type Document = Pick<Invoice, "lines" | "subtotal" | "tax" | "total">;
type Line = Document["lines"][number];

interface LinesProps {
  readonly document: Document;
  readonly format: Format;
  /** What the table shows, where several are on one page. */
  readonly caption?: string;
  readonly captionSeen?: boolean;
  readonly totalName?: string;
}

export function DocumentLines({
  document,
  format,
  caption = "Lines",
  captionSeen = false,
  totalName = "Total",
}: LinesProps): Html {
  const { lines, subtotal, tax, total } = document;
  const { currency } = total;
  return (
    <section class="scroll" tabindex={0} aria-label={`${caption}, table`}>
      <table class="document-lines">
        <caption class={captionSeen ? undefined : "visually-hidden"}>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Description</th>
            <th scope="col" class="number wide-only">
              Quantity
            </th>
            <th scope="col" class="number wide-only">
              Price each
            </th>
            <th scope="col" class="number">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr>
              <th scope="row">
                {line.description}
                <small class="narrow-only">
                  {`${quantityText(line, format)} × ${format.unitPrice(line.unitPrice, currency)}`}
                </small>
              </th>
              <td class="number wide-only">{quantityText(line, format)}</td>
              <td class="number wide-only">{format.unitPrice(line.unitPrice, currency)}</td>
              <td class="number">{format.money(line.amount)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {tax === null ? null : <Sum name="Subtotal" amount={subtotal} format={format} />}
          {tax === null ? null : (
            <Sum
              name={`${tax.name} ${format.creditsExact(tax.percent)}%`}
              amount={tax.amount}
              format={format}
            />
          )}
          <Sum name={totalName} amount={total} format={format} total />
        </tfoot>
      </table>
    </section>
  );
}

interface SumProps {
  readonly name: string;
  readonly amount: Invoice["total"];
  readonly format: Format;
  readonly total?: boolean;
}

function Sum({ name, amount, format, total = false }: SumProps): Html {
  return (
    <tr class={total ? "total" : undefined}>
      <th scope="row">{name}</th>
      <td class="wide-only" />
      <td class="wide-only" />
      <td class="number">{format.money(amount)}</td>
    </tr>
  );
}

/** "230 credits", "1 pack"; an adjustment has no unit that would say more. */
function quantityText({ quantity, unit }: Line, format: Format): string {
  const amount = format.creditsExact(quantity);
  if (unit === "adjustment") return amount;
  return `${amount} ${Math.abs(quantity) === 1 ? unit.slice(0, -1) : unit}`;
}
