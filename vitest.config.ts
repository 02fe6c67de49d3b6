import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Four layers: the rules (Node), the Worker from inside (workerd), the product over HTTP, its pages in a browser. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: {
              bindings: {
                KEY_SIGNING_SECRET: "a-secret-for-tests-of-32-bytes-or-more",
                MIGRATIONS: await readD1Migrations("migrations"),
              },
            },
          })),
        ],
        test: { name: "object", include: ["test/object/**/*.test.ts"], setupFiles: ["test/object/setup.ts"] },
      },
      {
        test: { name: "http", include: ["test/http/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        test: {
          name: "pages",
          include: ["test/pages/**/*.test.ts"],
          globalSetup: ["test/pages/support/global.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
