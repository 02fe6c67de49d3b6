/** What consumes credits, and how many (rules, 8.6 and 10.4). */
import { accountPage } from "../define.tsx";

export const pricesPage = accountPage({
  path: "/prices",
  nav: "prices",
  needs: "see_price_list",
  title: "Price list",
  load: ({ client, account }) => client.rates(account),
  view: (rates) => (
    <>
      <h1>Price list</h1>
      <pre>{JSON.stringify(rates, null, 2)}</pre>
    </>
  ),
});
