// Reads a webhook that the server has signed as Standard Webhooks says.

import { InvalidSignature } from "./errors.js";

// Of Standard Webhooks: how far the clocks may be apart, and how old a message that is sent again.
const TOLERANCE_SECONDS = 300;

/**
 * The message of a webhook, whose `webhook-id` stays the same when it is sent again. Throws InvalidSignature.
 *
 * `body` is what came, text or bytes: parsed and written anew it is another one. Several secrets (`whsec_…`) are taken
 * while one takes the place of another. `now` is in Unix seconds.
 */
export async function unwrap(
  body: string | Uint8Array,
  headers: Headers | Record<string, string | string[] | undefined>,
  secrets: string | readonly string[],
  now: number = Date.now() / 1000,
): Promise<Record<string, unknown>> {
  const told = new Headers(
    headers instanceof Headers ? headers : Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
  );
  const [id, when, signatures] = ["id", "timestamp", "signature"].map((name) => told.get(`webhook-${name}`));
  if (!id || !when || !signatures || !/^\d+$/.test(when)) throw new InvalidSignature("The message has not the headers of a webhook.");
  if (!(Math.abs(now - Number(when)) <= TOLERANCE_SECONDS)) {
    throw new InvalidSignature("The message is too old, or this machine's clock is wrong.");
  }
  const text = typeof body === "string" ? body : new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const head = new TextEncoder().encode(`${id}.${when}.`);
  const signed = new Uint8Array(head.length + bytes.length);
  signed.set(head);
  signed.set(bytes, head.length);
  const given = signatures.split(" ").flatMap((one) => (one.startsWith("v1,") ? (base64(one.slice(3)) ?? []) : []));
  for (const secret of [secrets].flat()) {
    const raw = base64(secret.replace(/^whsec_/, ""));
    if (!raw?.length) throw new InvalidSignature("The secret is none of a webhook: whsec_ and base64.");
    const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
    for (const signature of given) {
      if (await crypto.subtle.verify("HMAC", key, signature, signed)) return message(text);
    }
  }
  throw new InvalidSignature("The message was not signed with this secret, or was changed.");
}

function message(text: string): Record<string, unknown> {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch (error) {
    throw new InvalidSignature("The message is no JSON.", { cause: error });
  }
  if (typeof found !== "object" || found === null || Array.isArray(found)) throw new InvalidSignature("The message is no object.");
  return found as Record<string, unknown>;
}

function base64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}
