/** Baseline: a Worker that calls an object which inserts one row per request, and nothing else. */
import { DurableObject } from "cloudflare:workers";

export class Bare extends DurableObject {
  #next;

  constructor(context, env) {
    super(context, env);
    const { sql } = context.storage;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS rows (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID",
    );
    this.#next = sql.exec("SELECT count(*) AS rows FROM rows").one().rows;
  }

  insert(body) {
    this.#next += 1;
    this.ctx.storage.sql.exec("INSERT INTO rows (id, body) VALUES (?, ?)", `row-${this.#next}`, body);
    return this.#next;
  }
}

export default {
  async fetch(request, env) {
    const stub = env.BARE.getByName(new URL(request.url).pathname);
    return Response.json({ row: await stub.insert(await request.text()) });
  },
};
