/** The page of the reference: Swagger UI, with everything it needs from this Worker. */
import swaggerPackage from "swagger-ui-dist/package.json";

/** In the names of its files, so that they may be cached for ever. */
export const SWAGGER_VERSION = swaggerPackage.version;

/** Swagger UI sets style attributes and draws its icons from data URLs; all else comes from this origin. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Drawdown API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/${SWAGGER_VERSION}/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="/docs/${SWAGGER_VERSION}/swagger-ui.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

/** Without `validatorUrl: null` Swagger UI would send the document's address to another host. */
export const START_SCRIPT = `SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  validatorUrl: null,
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  presets: [SwaggerUIBundle.presets.apis],
});
`;
