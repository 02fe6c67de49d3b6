/**
 * The secret that signs what is sent to a webhook endpoint. It is derived from the deployment's own secret, so that
 * none is stored and it can be shown again.
 */
const encoder = new TextEncoder();

/**
 * `whsec_` and the base64 of HMAC-SHA256(secret, "webhook:" + endpoint id), as Standard Webhooks libraries take it. A
 * rotated secret has a version from 2 on, which is part of what is signed.
 */
export async function webhookSecret(endpointId: string, signingSecret: string, version = 1): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(signingSecret), algorithm, false, ["sign"]);
  const name = version === 1 ? `webhook:${endpointId}` : `webhook:${endpointId}:${version}`;
  const digest = await crypto.subtle.sign("HMAC", key, encoder.encode(name));
  return `whsec_${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}
