/** A Worker that does no more than the tests of the local runtime look at. */
import { DurableObject } from "cloudflare:workers";
import migration from "./migrations/0001_log.sql";

export class Account extends DurableObject {
  constructor(context, env) {
    super(context, env);
    context.storage.sql.exec("CREATE TABLE IF NOT EXISTS entry (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID");
  }

  put(id) {
    this.ctx.storage.sql.exec("INSERT OR IGNORE INTO entry VALUES (?)", id);
  }

  list() {
    return [...this.ctx.storage.sql.exec("SELECT id FROM entry ORDER BY id")].map(({ id }) => id);
  }

  async wake(delayMs) {
    await this.ctx.storage.setAlarm(Date.now() + delayMs);
  }

  alarm() {
    this.put("alarm");
  }
}

async function log(env, origin, detail) {
  await env.DB.prepare("INSERT INTO log VALUES (?, ?)").bind(origin, detail).run();
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const account = env.ACCOUNT.getByName("one");
    switch (pathname) {
      case "/put":
        await account.put(searchParams.get("id"));
        break;
      case "/wake":
        await account.wake(Number(searchParams.get("delayMs")));
        break;
      case "/send":
        await env.QUEUE.send("message");
        break;
      case "/email":
        await env.EMAIL.send({
          from: "billing@drawdown.example",
          to: "admin@acme.example",
          subject: "75 % used",
          text: "as text",
          html: "<p>as HTML</p>",
        });
        break;
      case "/log":
        await log(env, "http", searchParams.get("detail"));
        break;
    }
    const counts = await env.DB.prepare("SELECT origin, entries FROM log_count").all();
    return Response.json({
      entries: await account.list(),
      logged: Object.fromEntries(counts.results.map(({ origin, entries }) => [origin, entries])),
      secret: env.KEY_SIGNING_SECRET,
      textModule: typeof migration,
    });
  },

  async queue(batch, env) {
    for (const message of batch.messages) await log(env, "queue", message.body);
  },

  async scheduled(event, env) {
    await log(env, "cron", event.cron);
  },
};
