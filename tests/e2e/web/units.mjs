// What the web client sends again, reads and believes: against a server of this process, in time that runs a hundred
// times as fast. Arguments: the built client, and a webhook that the server's own code has signed with two keys.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { after, beforeEach, test } from "node:test";
import { pathToFileURL } from "node:url";

const { BadRequest, ConnectionFailed, Dailies, InvalidSignature, JobFailed, ServerError, Sessions, TooManyRequests, Upload, UploadFailed, WaitTimeout, unwrap } =
  await import(process.argv[2]);

const { setTimeout: slow } = globalThis;
globalThis.setTimeout = (work, ms, ...rest) => slow(work, ms / 100, ...rest);

// Each request takes the next answer: [status, headers, body], null for a connection that is lost, or "never".
let answers, seen;
const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  seen.push({ method: request.method, url: request.url, headers: request.headers, size: Buffer.concat(chunks).length });
  const answer = answers.shift();
  if (!answer) return response.destroy();
  if (answer === "never") return;
  const [status, headers, body, first] = answer;
  response.writeHead(status, headers);
  if (body === null) return first ? response.write(first) : response.flushHeaders(); // and nothing more comes
  response.end(typeof body === "string" ? body : JSON.stringify(body));
});

await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${server.address().port}`;
after(() => { server.close(); server.closeAllConnections(); });
beforeEach(() => { [answers, seen] = [[], []]; });

const client = () => new Dailies(`${base}/api/v1`, async () => "token");
const problem = (status, code, headers = {}) => [status, headers, { code, detail: "So.", status, field: "f" }];
const json = (body, status = 200) => [status, { "Content-Type": "application/json" }, body];
const stream = (text) => [200, { "Content-Type": "text/event-stream" }, text];
const url = { kind: "url", url: "https://a.test" };

test("what passes is asked again under one key", async () => {
  answers = [problem(503, "unavailable"), problem(409, "idempotency_in_flight", { "Retry-After": "0" }), json({ job_id: "j" }, 202)];
  assert.deepEqual(await client().jobs.create(url), { job_id: "j" });
  assert.equal(new Set(seen.map(({ headers }) => headers["idempotency-key"])).size, 1);
  assert.deepEqual(seen.map(({ headers }) => headers.authorization), Array(3).fill("Bearer token"));
  assert.equal(new Set(seen.map(({ size }) => size)).size, 1);
});

test("two retries are all", async () => {
  answers = Array(3).fill(problem(500, "internal"));
  const error = await client().jobs.get("j").catch((error) => error);
  assert.ok(error instanceof ServerError);
  assert.deepEqual([error.status, error.code, error.message, error.details], [500, "internal", "So.", { field: "f" }]);
  await assert.rejects(client().jobs.get("j"), ConnectionFailed);
  assert.equal(seen.length, 6);
});

for (const [status, code, headers, Kind] of [
  [422, "key_reused", {}, BadRequest], [429, "quota_exceeded", {}, TooManyRequests], [429, "rate_limited", { "Retry-After": "3600" }, TooManyRequests],
]) {
  test(`${code} does not pass`, async () => {
    answers = [problem(status, code, headers)];
    await assert.rejects(client().jobs.create(url, null, { idempotencyKey: "mine" }), Kind);
    assert.deepEqual(seen.map(({ headers }) => headers["idempotency-key"]), ["mine"]);
  });
}

test("an answer that is no problem document is told by its status", async () => {
  answers = [[413, {}, "<html>too large"]];
  await assert.rejects(client().jobs.get("j"), /The server answered 413/);
});

test("lists go on page by page", async () => {
  answers = [json({ jobs: [{ job_id: "a" }], next_cursor: "c" }), json({ jobs: [{ job_id: "b" }], next_cursor: null })];
  const found = await all(client().jobs.list({ state: "completed" }));
  assert.deepEqual(found.map(({ job_id }) => job_id), ["a", "b"]);
  assert.deepEqual(seen.map(({ url }) => url.split("?")[1]), ["state=completed", "state=completed&cursor=c"]);
});

test("events go on behind the last one that came", async () => {
  const first = 'retry: 0\n\nid: 2\nevent: job.queued\ndata: {}\n\nevent: progress\ndata: {"progress": 5}\n\n: here\n\n';
  answers = [stream(first), problem(503, "unavailable"), null, stream("retry: 0\n\nid: 3\nevent: job.completed\ndata: {}\n\n"), [204, {}, ""]];
  const found = await all(client().jobs.events("j", { after: 1 }));
  assert.deepEqual(found.map(({ id, name, data }) => [id, name, data]), [[2, "job.queued", {}], [null, "progress", { progress: 5 }], [3, "job.completed", {}]]);
  assert.deepEqual(seen.map(({ headers }) => headers["last-event-id"]), ["1", "2", "2", "2", "3"]);
});

test("where streams don't come through it asks how the job stands", async () => {
  answers = [[200, { "Content-Type": "text/event-stream" }, null], ...Array(3).fill(problem(503, "unavailable")),
    json({ status: "processing", progress: 5 }), json({ status: "processing", progress: 5 }), json({ status: "completed", progress: 100 })];
  const found = await all(client().jobs.events("j"));
  assert.deepEqual(found.map(({ name, data }) => [name, data.progress]), [["progress", 5], ["progress", 100], ["job.completed", 100]]);
});

test("a wait that ends early keeps the job, and one that failed says why", async () => {
  answers = [[200, {}, null, "id: 4\nevent: job.queued\ndata: {}\n\n"], json({ status: "queued" })];
  const early = await client().jobs.wait("j", { timeoutMs: 200 }).catch((error) => error);
  assert.ok(early instanceof WaitTimeout, String(early));
  assert.deepEqual([early.jobId, early.after], ["j", 4]);
  answers = [[204, {}, ""], json({ status: "failed", error: { code: "no_audio", message: "There is none." } })];
  const failed = await client().jobs.wait("j").catch((error) => error);
  assert.ok(failed instanceof JobFailed);
  assert.deepEqual([failed.jobId, failed.code, failed.message], ["j", "no_audio", "There is none."]);
});

const PIECE = 4;
const file = () => new File(["0123456789"], "take.wav", { lastModified: 7 });
const partly = (last) => [308, last === null ? {} : { Range: `bytes=0-${last}` }, ""];
const ranges = () => seen.filter(({ method }) => method === "PUT").map(({ headers }) => headers["content-range"]);
let ended = [];
const sending = (options = {}, told = []) => {
  const announce = async () => ({ jobId: "j", upload: { method: "PUT", url: `${base}/session`, headers: {} } });
  const server = { announce, cancel: async (jobId) => { ended.push(jobId); } };
  return new Upload(options.file ?? file(), null, server, { pieceBytes: PIECE, onProgress: (sent) => told.push(sent), ...options });
};

test("an upload goes on after cuts, refusals and answers without a Range", async () => {
  const told = [];
  answers = [partly(3), null, partly(5), [500, {}, ""], partly(5), [429, { "Retry-After": "0" }, ""], partly(null), partly(3), partly(7), [200, {}, ""]];
  assert.equal(await sending({}, told).done, "j");
  assert.deepEqual(ranges(), ["bytes 0-3/10", "bytes 4-7/10", "bytes */10", "bytes 6-9/10", "bytes */10", "bytes 6-9/10", "bytes */10",
    "bytes 0-3/10", "bytes 4-7/10", "bytes 8-9/10"]);
  assert.deepEqual(told, [4, 6, 8, 10]);
});

test("a server that refuses each piece, or takes nothing, is given up; the session is in the error", async () => {
  for (const pair of [[[500, {}, ""], partly(null)], [partly(null)]]) {
    answers = Array(20).fill(pair).flat();
    const error = await sending().done.catch((error) => error);
    assert.ok(error instanceof UploadFailed, String(error));
    assert.deepEqual(error.session, { jobId: "j", url: `${base}/session` });
  }
});

test("a paused upload sends nothing and asks where to go on", async () => {
  answers = [partly(3), "never", partly(3), "never", partly(5), [200, {}, ""]];
  const states = [];
  const upload = sending({ onState: (state) => states.push(state) });
  while (seen.length < 2) await new Promise((resolve) => slow(resolve, 1));
  upload.pause();
  upload.resume();
  while (seen.length < 4 && upload.state !== "failed") await new Promise((resolve) => slow(resolve, 1));
  upload.pause();
  await new Promise((resolve) => slow(resolve, 30));
  assert.deepEqual([upload.state, ranges()], ["paused", ["bytes 0-3/10", "bytes 4-7/10", "bytes */10", "bytes 4-7/10"]]);
  upload.resume();
  await upload.done;
  assert.deepEqual(ranges().slice(4), ["bytes */10", "bytes 6-9/10"]);
  assert.deepEqual(states, ["paused", "sending", "paused", "sending", "completed"]);
});

test("a cancelled upload ends its session and its job", async () => {
  answers = [partly(3), [499, {}, ""]];
  const upload = sending({ onProgress: () => upload.pause() });
  await new Promise((resolve) => slow(resolve, 30));
  await upload.cancel();
  await assert.rejects(upload.done, { name: "AbortError" });
  assert.deepEqual([seen.map(({ method }) => method), ended], [["PUT", "DELETE"], ["j"]]);
  ended = [];
  const early = sending();
  await early.cancel();
  await assert.rejects(early.done, { name: "AbortError" });
  assert.deepEqual([seen.length, ended], [2, ["j"]]);
});

test("the same file goes on after a reload; another one, and an ended session, begin anew", async () => {
  const kept = new Map();
  const sessions = new Sessions("u", () => ({ getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text) }));
  sessions.remember({ jobId: "before", url: `${base}/before` }, file(), null);
  answers = [partly(7), [200, {}, ""]];
  assert.equal(await sending({ sessions }).done, "before");
  assert.deepEqual([seen[0].url, ranges()], ["/before", ["bytes */10", "bytes 8-9/10"]]);
  assert.equal(kept.get("u"), "{}");
  sessions.remember({ jobId: "before", url: `${base}/before` }, file(), null);
  answers = [[404, {}, ""], partly(3), partly(7), [200, {}, ""]];
  assert.equal(await sending({ sessions }).done, "j");
  assert.equal(kept.get("u"), "{}");
  sessions.remember({ jobId: "before", url: `${base}/before` }, file(), { outputs: {} });
  assert.equal(sessions.find(file(), null), null);
});

// The example of Standard Webhooks' own libraries.
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"test": 2432232314}';
const NOW = 1614265330;
const HEADERS = { "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": `${NOW}`, "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" };

test("a webhook is believed only as Standard Webhooks says", async () => {
  assert.deepEqual(await unwrap(BODY, HEADERS, SECRET, NOW), { test: 2432232314 });
  const sent = JSON.parse(process.argv[3]);
  for (const secret of sent.secrets) assert.deepEqual(await unwrap(sent.body, sent.headers, secret), JSON.parse(sent.body));
  const rotated = { ...HEADERS, "webhook-signature": `v1a,AAAA v1,# ${HEADERS["webhook-signature"]}` };
  assert.ok(await unwrap(new TextEncoder().encode(BODY), new Headers(rotated), [`whsec_${btoa("another")}`, SECRET], NOW));
  for (const [body, headers, secret, now] of [
    [`${BODY} `, HEADERS, SECRET, NOW], [BODY, HEADERS, SECRET, NOW + 301], [BODY, HEADERS, SECRET, NOW - 301], [BODY, {}, SECRET, NOW],
    [BODY, HEADERS, "whsec_#", NOW], [BODY, HEADERS, "whsec_", NOW], [BODY, HEADERS, `whsec_${btoa("another")}`, NOW],
    [BODY, { ...HEADERS, "webhook-timestamp": "soon" }, SECRET, NOW], [BODY, { ...HEADERS, "webhook-signature": "g0hM9SsE" }, SECRET, NOW],
    [BODY, { ...HEADERS, "webhook-id": "msg_other" }, SECRET, NOW],
  ]) await assert.rejects(unwrap(body, headers, secret, now), InvalidSignature);
  const signed = createHmac("sha256", Buffer.from(SECRET.slice(6), "base64")).update(`m.${NOW}.[1]`).digest("base64");
  await assert.rejects(unwrap("[1]", { ...HEADERS, "webhook-id": "m", "webhook-signature": `v1,${signed}` }, SECRET, NOW), /no object/);
});

test("a callable's refusal is of the same kinds, and no answer is a lost connection", async () => {
  const require = createRequire(process.argv[2]);
  const { initializeApp } = require("firebase/app");
  const { connectFunctionsEmulator, getFunctions } = require("firebase/functions");
  const { FirebaseDailies } = await import(new URL("firebase.js", pathToFileURL(process.argv[2])));
  const functions = getFunctions(initializeApp({ projectId: "demo" }));
  connectFunctionsEmulator(functions, "127.0.0.1", server.address().port);
  const details = { code: "unsupported_type", field: "contentType" };
  answers = [json({ error: { status: "INVALID_ARGUMENT", message: "So.", details } }, 400), [502, {}, "<html>"]];
  const error = await new FirebaseDailies(functions, null).upload(file()).done.catch((error) => error);
  assert.ok(error instanceof BadRequest, String(error));
  assert.deepEqual([error.code, error.message, error.details], ["unsupported_type", "So.", { field: "contentType" }]);
  await assert.rejects(new FirebaseDailies(functions, null).jobs.result("j"), ConnectionFailed);
});

async function all(iterator) {
  const found = [];
  for await (const each of iterator) found.push(each);
  return found;
}
