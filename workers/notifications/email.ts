/** A message as e-mail: subject, plain text and HTML that says the same. */
import { html } from "hono/html";
import type { Message, Reader } from "./words/message.ts";

export interface Email {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const SUBJECT_LENGTH_MAX = 200;

/** `why` says how it comes to this user; a test account's are marked as such. */
export async function emailOf(message: Message, reader: Reader, why: string): Promise<Email> {
  const subject = `${reader.mode === "test" ? "[Test] " : ""}${reader.accountName}: ${message.title}`;
  return {
    subject: oneLine(subject).slice(0, SUBJECT_LENGTH_MAX),
    text: `${[message.title, ...message.paragraphs, `-- \n${why}`].join("\n\n")}\n`,
    html: String(await page(message, why)),
  };
}

/** A line break in a name would begin another header. */
function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, " ");
}

/** Styles are inline: many readers drop a style sheet. */
function page(message: Message, why: string) {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${message.title}</title></head>
<body style="margin:0;padding:24px;background:#f4f5f7;color:#1d2433;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:560px;margin:0 auto;padding:32px;background:#ffffff;border-radius:8px">
<h1 style="margin:0 0 16px;font-size:20px;line-height:1.3">${message.title}</h1>
${message.paragraphs.map((paragraph) => html`<p style="margin:0 0 16px">${paragraph}</p>\n`)}
<p style="margin:24px 0 0;color:#5b6472;font-size:13px">${why}</p>
</div>
</body>
</html>
`;
}
