/** The lines and sums of an invoice's page. */
import type { Invoice } from "../../shared/api/invoices.ts";
import { moneyText, numberText } from "../../shared/text.ts";

type Line = Invoice["lines"][number];

export function InvoiceLines({ invoice }: { invoice: Invoice }) {
  const { currency, tax, lines } = invoice;
  const isSummed = tax !== null || lines.length > 1;
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Description</th>
          <th scope="col" class="quantity">
            Quantity
          </th>
          <th scope="col" class="unit-price">
            Unit price
          </th>
          <th scope="col">Amount</th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <tr>
            <td>{line.description}</td>
            <td class="quantity">{quantityText(line)}</td>
            <td class="unit-price">{`${line.unitPrice} ${currency}`}</td>
            <td>{moneyText(line.amount)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        {isSummed ? <Sum name="Subtotal" amount={invoice.subtotal} /> : null}
        {tax === null ? null : <Sum name={`${tax.name} ${tax.percent} %`} amount={tax.amount} />}
        <Sum name="Total" amount={invoice.total} total />
      </tfoot>
    </table>
  );
}

/** "230 credits", "1 pack"; an adjustment has no unit that would say more. */
function quantityText({ quantity, unit }: Line): string {
  if (unit === "adjustment") return numberText(quantity);
  const isOne = Math.abs(quantity) === 1;
  return `${numberText(quantity)} ${isOne ? unit.slice(0, -1) : unit}`;
}

function Sum({ name, amount, total = false }: { name: string; amount: Invoice["total"]; total?: boolean }) {
  return (
    <tr class={total ? "total" : undefined}>
      <th scope="row" colspan={3}>
        {name}
      </th>
      <td>{moneyText(amount)}</td>
    </tr>
  );
}
