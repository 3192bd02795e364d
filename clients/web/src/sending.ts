// Sends one request, again where that may help.

import { ApiError, ConnectionFailed, refusal } from "./errors.js";

/** An API key, or what gives an ID token of Firebase's that is still good: they end after an hour. */
export type Credential = string | (() => string | Promise<string>);

const RETRIED = new Set([408, 429, 500, 502, 503, 504]);
// A server that asks for a longer pause is believed, and its refusal thrown.
const LONGEST_PAUSE_SECONDS = 60;
const SILENCE_MS = 60_000;

/** Whether the same request may be answered otherwise later. */
export const passes = (error: unknown): boolean =>
  error instanceof ConnectionFailed || (error instanceof ApiError && RETRIED.has(error.status));

/** Milliseconds: doubled each time, less up to a quarter, so that clients don't come all at once. */
export const backoff = (tries: number): number => Math.min(500 * 2 ** tries, 15_000) * (0.75 + Math.random() / 4);

/** Waits so long, or until the browser is online again. Throws the signal's reason. */
export function pause(ms: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", over);
      signal?.removeEventListener("abort", over);
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(over, ms);
    globalThis.addEventListener?.("online", over);
    signal?.addEventListener("abort", over);
    if (signal?.aborted) over();
  });
}

/** A `fetch` whose answers are below 400. It throws ApiError and ConnectionFailed; every POST has an Idempotency-Key. */
export function sender(credential: Credential, retries: number, send: typeof fetch) {
  return async (request: Request): Promise<Response> => {
    if (request.method === "POST" && !request.headers.has("Idempotency-Key")) {
      request.headers.set("Idempotency-Key", randomKey());
    }
    for (let tries = 0; ; tries += 1) {
      let error: ApiError | ConnectionFailed;
      try {
        request.headers.set("Authorization", `Bearer ${typeof credential === "string" ? credential : await credential()}`);
        const answer = await once(send, request.clone());
        if (answer.status < 400) return answer;
        error = refusal(answer.status, await answer.text(), answer.headers.get("Retry-After"));
      } catch (reason) {
        if (request.signal.aborted) throw reason;
        error = new ConnectionFailed(`No answer came from ${new URL(request.url).host}.`, { cause: reason });
      }
      const ms = pauseOf(error, tries);
      if (tries >= retries || ms === null) throw error;
      await pause(ms, request.signal);
    }
  };
}

/** The answer's head, unless it takes too long; its body has all the time it needs. */
async function once(send: typeof fetch, request: Request): Promise<Response> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    return await send(request, { signal: AbortSignal.any([request.signal, silence.signal]) });
  } finally {
    clearTimeout(timer);
  }
}

/** Null where another try can't help. */
function pauseOf(error: ApiError | ConnectionFailed, tries: number): number | null {
  if (error instanceof ConnectionFailed) return backoff(tries);
  if (!passes(error) && error.code !== "idempotency_in_flight") return null;
  // A limit of a day's, say, which only time lifts.
  if (error.retryAfter === null) return error.code === "quota_exceeded" ? null : backoff(tries);
  return error.retryAfter <= LONGEST_PAUSE_SECONDS ? error.retryAfter * 1000 : null;
}

// crypto.randomUUID is not there on a page that came by plain HTTP.
const randomKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
