/** Style of an invoice on screen and on paper; nothing is fetched for it. */
export const INVOICE_STYLE = `
:root { color-scheme: light; --ink: #17202a; --quiet: #5d6874; --line: #dfe3e8; --accent: #0b5fff; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f5f7; color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { position: relative; max-width: 820px; margin: 32px auto; padding: 56px 64px; background: #fff; border-radius: 6px;
  box-shadow: 0 1px 3px rgb(23 32 42 / 12%); }
h1 { margin: 0; font-size: 28px; letter-spacing: -0.01em; }
h2 { margin: 0 0 4px; font-size: 12px; font-weight: 600; color: var(--quiet); }
p { margin: 0; overflow-wrap: anywhere; }
.head { display: flex; justify-content: space-between; align-items: flex-start; gap: 24px; }
.number { color: var(--quiet); font-size: 17px; }
.status { padding: 3px 12px; border: 1px solid currentcolor; border-radius: 99px; font-size: 13px;
  font-weight: 600; white-space: nowrap; }
.open { color: var(--accent); }
.paid { color: #12753b; }
.overdue { color: #b3261e; }
.void, .uncollectible { color: var(--quiet); }
.stamp { position: absolute; top: 168px; left: 50%; padding: 2px 40px; border: 6px solid #b3261e; border-radius: 10px;
  color: #b3261e; font-size: 76px; font-weight: 800; letter-spacing: 0.14em; text-transform: uppercase;
  opacity: 0.22; transform: translateX(-50%) rotate(-14deg); pointer-events: none; }
.notes { margin-top: 32px; padding-top: 16px; border-top: 1px solid var(--line); color: var(--quiet); font-size: 13px; }
.notes p + p { margin-top: 4px; }
.parties { display: grid; grid-template-columns: 1fr 1fr; gap: 32px; margin: 40px 0 32px; }
.parties strong { display: block; }
.address { white-space: pre-line; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 16px 24px; margin: 0 0 40px;
  padding: 16px 0; border-block: 1px solid var(--line); }
dt { font-size: 12px; font-weight: 600; color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th { padding: 0 0 8px; border-bottom: 1px solid var(--ink); font-size: 12px; font-weight: 600; color: var(--quiet);
  text-align: left; }
td { padding: 12px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th + th, td + td { padding-left: 24px; text-align: right; white-space: nowrap; }
tfoot th { padding: 8px 0; border: 0; font-size: 15px; font-weight: 400; color: inherit; text-align: right; }
tfoot td { padding: 8px 0 8px 24px; border: 0; text-align: right; white-space: nowrap; }
tfoot .total > * { border-top: 1px solid var(--ink); font-size: 18px; font-weight: 700; }
@media (max-width: 640px) {
  main { margin: 0; padding: 24px 20px; border-radius: 0; box-shadow: none; }
  .parties { grid-template-columns: 1fr; }
  .unit-price, .quantity { width: 0; padding: 0; font-size: 0; }
  .stamp { font-size: 48px; }
}
@media print {
  @page { margin: 18mm; }
  body { background: #fff; font-size: 10.5pt; }
  main { max-width: none; margin: 0; padding: 0; box-shadow: none; }
  thead { display: table-header-group; }
  tr, dl, .parties, .notes { break-inside: avoid; }
  .stamp { print-color-adjust: exact; }
}
`;
