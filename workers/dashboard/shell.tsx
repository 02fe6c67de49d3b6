/** The frame of every page: document, navigation, banners, what the last form said. */
import type { Child } from "hono/jsx";
import { SCRIPT_PATH, STYLES_PATH } from "./assets/assets.ts";
import { ACCOUNT_NAV, type NavGroup, type NavId, OPERATOR_NAV } from "./nav.ts";
import { type AccountPage, type Html, type Page, reaches } from "./page.tsx";

interface DocumentProps {
  readonly title: string;
  readonly children?: Child;
}

/** A whole document; everything it needs comes from this Worker. */
export function Document({ title, children }: DocumentProps): Html {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Drawdown`}</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href={STYLES_PATH} />
        <script src={SCRIPT_PATH} defer />
      </head>
      <body>{children}</body>
    </html>
  );
}

interface FrameProps {
  readonly title: string;
  readonly current: NavId;
  readonly children?: Child;
}

/** A page of an account. */
export function AccountFrame({ page, title, current, children }: FrameProps & { page: AccountPage }): Html {
  const { viewer, root, accountName } = page;
  const shown = ACCOUNT_NAV.map(({ label, items }) => ({
    label,
    items: items.filter(({ needs }) => reaches(viewer, needs)),
  })).filter(({ items }) => items.length > 0);
  return (
    <Document title={`${title} · ${accountName}`}>
      <Frame page={page} groups={shown} root={root} current={current} name={accountName} home={root}>
        {viewer.kind === "user" ? null : (
          <p class="operator-note">
            You see this account as its operator. <a href="/operator/accounts">All accounts</a>
          </p>
        )}
        <Banners page={page} />
        {children}
      </Frame>
    </Document>
  );
}

/** A page of the operator. */
export function OperatorFrame({ page, title, current, children }: FrameProps & { page: Page }): Html {
  return (
    <Document title={title}>
      <Frame
        page={page}
        groups={OPERATOR_NAV}
        root="/operator"
        current={current}
        name="Operator"
        home="/operator/accounts"
      >
        {children}
      </Frame>
    </Document>
  );
}

interface InnerFrameProps {
  readonly page: Page;
  readonly groups: readonly NavGroup[];
  readonly root: string;
  readonly current: NavId;
  readonly name: string;
  readonly home: string;
  readonly children?: Child;
}

function Frame({ page, groups, root, current, name, home, children }: InnerFrameProps): Html {
  const { viewer, mode, flash } = page;
  return (
    <>
      <a class="skip" href="#content">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href={home}>
          <span class="brand-mark" aria-hidden="true" />
          <span class="brand-name">{name}</span>
        </a>
        {mode === "test" ? <span class="badge warning">Test mode</span> : null}
        <span class="who">{viewer.kind === "user" ? viewer.name : "Operator"}</span>
        <form method="post" action="/sign-out" class="sign-out">
          <button type="submit" class="button quiet">
            Sign out
          </button>
        </form>
      </header>
      <div class="layout">
        <nav class="side" aria-label="Main">
          <input type="checkbox" id="menu" class="menu-toggle" aria-label="Show the menu" />
          <label for="menu" class="menu-button" aria-hidden="true">
            Menu
          </label>
          <div class="menu">
            {groups.map(({ label, items }) => (
              <div>
                <p class="menu-label">{label}</p>
                <ul>
                  {items.map((item) => (
                    <li>
                      <a href={root + item.path} aria-current={item.id === current ? "page" : undefined}>
                        {item.label}
                      </a>
                    </li>
                  ))}
                </ul>
              </div>
            ))}
          </div>
        </nav>
        <main id="content">
          {flash === null ? null : (
            <p class="flash" role="status">
              {flash}
            </p>
          )}
          {children}
        </main>
      </div>
    </>
  );
}

/** What is true of the account now; a user may dismiss each for themselves. */
async function Banners({ page }: { page: AccountPage }) {
  const { viewer, root } = page;
  const banners = await page.banners;
  return (
    <>
      {banners.map(({ id, severity, title, text }) => (
        <section class={`banner ${severity}`} aria-label={title}>
          <div>
            <p class="banner-title">{title}</p>
            <p>{text}</p>
          </div>
          {viewer.kind === "user" ? (
            <form method="post" action={`${root}/banners/dismiss`}>
              <input type="hidden" name="banner" value={id} />
              <input type="hidden" name="from" value={page.url.pathname + page.url.search} />
              <button type="submit" class="button quiet" aria-label={`Dismiss: ${title}`}>
                Dismiss
              </button>
            </form>
          ) : null}
        </section>
      ))}
    </>
  );
}

interface MessageProps {
  readonly title: string;
  readonly text: string;
  readonly link?: { readonly href: string; readonly label: string };
}

/** A page that only says something: not found, not allowed, not now. */
export function MessagePage({ title, text, link }: MessageProps): Html {
  return (
    <Document title={title}>
      <main id="content" class="message-page">
        <h1>{title}</h1>
        <p>{text}</p>
        {link === undefined ? null : (
          <p>
            <a class="button" href={link.href}>
              {link.label}
            </a>
          </p>
        )}
      </main>
    </Document>
  );
}
