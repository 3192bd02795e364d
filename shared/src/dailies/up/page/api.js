// The callable wire protocol, what only this server answers, and the development identity behind both.

import { connection } from "./connection.js";

const TOKEN_MS = 50 * 60_000; // they live for an hour
let identity = null;

export class CallError extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

export async function signIn() {
  identity = { ...(await answered("/dev/token", {})), since: Date.now() };
  return identity;
}

export async function token() {
  if (!identity || Date.now() - identity.since > TOKEN_MS) await signIn();
  return identity.token;
}

export async function call(name, data) {
  return (await ask(`/${name}`, { data })).result;
}

export async function ask(path, body) {
  const headers = { Authorization: `Bearer ${await token()}` };
  if (body === undefined) return answered(path, { headers });
  headers["Content-Type"] = "application/json";
  return answered(path, { method: "POST", headers, body: JSON.stringify(body) });
}

export const checkRecipe = async (recipe) => (await ask("/page/recipe", recipe)).problems;
export const runAgain = async (jobId, recipe = null) => (await call("runAgain", { jobId, recipe })).jobId;
export const clearJobs = async (jobIds, cleared = true) => (await call("clearJobs", { jobIds, cleared })).jobIds;

// The user's jobs as the server knows them, or those that changed since: what a query of users/{uid}/operations is in the cloud.
export async function operations(since) {
  return (await ask(`/operations${since ? `?since=${encodeURIComponent(since)}` : ""}`)).operations;
}

export async function archiveUrl(jobIds) {
  return `/archive.zip?${new URLSearchParams([...jobIds.map((id) => ["job", id]), ["token", await token()]])}`;
}

async function answered(path, request) {
  let answer, body;
  try {
    answer = await fetch(path, request);
    body = await answer.json();
  } catch {
    connection.lost();
    throw new CallError("The server does not answer: is `dailies up` still running?", "unavailable");
  }
  connection.found();
  if (body.error) {
    const { message, code, details, status } = body.error;
    if (answer.status === 401) identity = null;
    throw new CallError(message, details?.code ?? code ?? status);
  }
  return body;
}
