/** Files that the bundler takes as text (see [[rules]] in wrangler.toml). */
declare module "*.css" {
  const text: string;
  export default text;
}

declare module "*.script.js" {
  const text: string;
  export default text;
}
