/** What the account's people were told, newest first, and what was delivered where (rules, 6). */

import type { Notification, Page } from "../../../../shared/client/client.ts";
import { accountPage } from "../../define.tsx";
import type { AccountPage, Html } from "../../page.tsx";
import { Badge, Card, Empty, PageHead, Pager } from "../../parts/blocks.tsx";
import { personPath } from "../../parts/paths.ts";
import { type People, readPeople } from "../people/people-names.ts";
import { Deliveries } from "./notification-deliveries.tsx";
import { KIND_WORDS } from "./notification-words.ts";

const NOTICES_PER_PAGE = 25;

interface NotificationsData {
  readonly notices: Page<Notification>;
  readonly people: People;
}

export const notificationsPage = accountPage<NotificationsData>({
  path: "/notifications",
  nav: "notifications",
  needs: "see_money",
  title: "Notifications",
  load: async (page) => {
    const { client, account, query } = page;
    const { cursor } = query;
    const [notices, people] = await Promise.all([
      client.notifications(account, { limit: NOTICES_PER_PAGE, ...(cursor === undefined ? {} : { cursor }) }),
      readPeople(page),
    ]);
    return { notices, people };
  },
  view: ({ notices, people }, page) => (
    <>
      <PageHead title="Notifications" lead={<Preferences page={page} />} />
      <Card>
        {notices.data.length === 0 ? (
          <Empty
            text={`Nothing has been told yet. Notices come at ${thresholds(page)} of the limit, with invoices, and when something changes.`}
          />
        ) : (
          notices.data.map((notice) => <Notice notice={notice} people={people} page={page} />)
        )}
        <Pager url={page.url} nextCursor={notices.nextCursor} />
      </Card>
    </>
  ),
});

function thresholds({ view, format }: AccountPage): string {
  return format.list(view.noticePercentages.map((percent) => format.percent(percent)));
}

function Preferences({ page: { viewer, root, may } }: { readonly page: AccountPage }): Html {
  if (!may("manage_users")) return <>A super admin chooses, under People, which e-mails each person gets.</>;
  const own = viewer.kind === "user" ? viewer.user : null;
  return (
    <>
      Which e-mails each person gets is chosen on their page under <a href={`${root}/people`}>People</a>
      {own === null ? null : (
        <>
          ; <a href={`${personPath(root, own)}#form-change`}>yours are here</a>
        </>
      )}
      .
    </>
  );
}

interface NoticeProps {
  readonly notice: Notification;
  readonly people: People;
  readonly page: AccountPage;
}

function Notice({ notice, people, page }: NoticeProps): Html {
  const { at, title, text, data } = notice;
  const { label, tone } = KIND_WORDS[data.kind];
  return (
    <article class="notice">
      <p class="notice-head">
        <Badge tone={tone}>{label}</Badge> <span class="muted">{page.format.dateTime(at)}</span>
      </p>
      <h2>{title}</h2>
      {text.split("\n\n").map((paragraph) => (
        <p>{paragraph}</p>
      ))}
      <Deliveries notice={notice} people={people} page={page} />
    </article>
  );
}
