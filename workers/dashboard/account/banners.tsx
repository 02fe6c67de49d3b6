/** Dismissing a banner, from whichever page it is shown on. */
import { redirectSaying } from "../answer.tsx";
import type { PageModule } from "../define.tsx";
import { readForm } from "../form.ts";
import { openAccountPage, PageNotFound } from "../page.tsx";

export const bannerDismissal: PageModule = (routes, api) => {
  routes.post("/accounts/:account/banners/dismiss", async (context) => {
    const page = await openAccountPage(api, context, context.req.param("account"), null);
    if (page.viewer.kind !== "user") throw new PageNotFound();
    const form = await readForm(context.req);
    await page.client.dismissBanner(page.account, { user: page.viewer.user, banner: form.text("banner") });
    const from = form.text("from");
    const to = from.startsWith(page.root) ? from : page.root;
    return redirectSaying(context, {
      to,
      said: "Dismissed. It comes back when there is something new to say.",
    });
  });
};
