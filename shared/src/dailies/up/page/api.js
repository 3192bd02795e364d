// The callable wire protocol, and the development identity behind it.

let identity = null;

export class CallError extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

export async function signIn() {
  const answer = await fetch("/dev/token");
  if (!answer.ok) throw new CallError("The server gives no development identity.", "unauthenticated");
  identity = { ...(await answer.json()), since: Date.now() };
  return identity;
}

async function token() {
  // Tokens live for an hour.
  if (!identity || Date.now() - identity.since > 50 * 60_000) await signIn();
  return identity.token;
}

export async function call(name, data) {
  let answer, body;
  try {
    answer = await fetch(`/${name}`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Authorization: `Bearer ${await token()}` },
      body: JSON.stringify({ data }),
    });
    body = await answer.json();
  } catch {
    throw new CallError("The server does not answer: is `dailies up` still running?", "unavailable");
  }
  if (body.error) throw new CallError(body.error.message, body.error.details?.code ?? body.error.status);
  return body.result;
}

// The user's jobs as the server knows them, newest first: what a query of users/{uid}/operations is in the cloud.
export async function operations() {
  let answer;
  try {
    answer = await fetch("/operations", { headers: { Authorization: `Bearer ${await token()}` } });
  } catch {
    throw new CallError("The server does not answer: is `dailies up` still running?", "unavailable");
  }
  if (!answer.ok) {
    identity = null;
    throw new CallError(`The server does not list the jobs (${answer.status}).`, "unavailable");
  }
  return (await answer.json()).operations;
}
