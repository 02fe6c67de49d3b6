/** Dismissing a banner, from whichever page it is shown on. */
import { redirectSaying } from "../answer.tsx";
import type { PageModule } from "../define.tsx";
import { readForm } from "../form.ts";
import { type AccountPage, openAccountPage, PageNotFound } from "../page.tsx";

export const bannerDismissal: PageModule = (routes, api) => {
  routes.post("/accounts/:account/banners/dismiss", async (context) => {
    const page = await openAccountPage(api, context, context.req.param("account"), null);
    if (page.viewer.kind !== "user") throw new PageNotFound();
    const form = await readForm(context.req);
    await page.client.dismissBanner(page.account, { user: page.viewer.user, banner: form.text("banner") });
    return redirectSaying(context, {
      to: wayBack(page, form.text("from")),
      said: "Dismissed. It comes back when there is something new to say.",
    });
  });
};

/** A form may say anything: only a page of this account is gone back to. */
function wayBack({ root, url: { origin } }: AccountPage, from: string): string {
  const page = URL.parse(from, origin);
  const isOwn = page?.origin === origin && `${page.pathname}/`.startsWith(`${root}/`);
  return isOwn ? page.pathname + page.search : root;
}
