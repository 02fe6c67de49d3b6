/** Files that the bundler takes as text (see [[rules]] in wrangler.toml), and their version. */
declare module "swagger-ui-dist/swagger-ui.css" {
  const text: string;
  export default text;
}

declare module "swagger-ui-dist/swagger-ui-bundle.js" {
  const text: string;
  export default text;
}

declare module "swagger-ui-dist/package.json" {
  const content: { readonly version: string };
  export default content;
}
