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

// Calls `onChange` with each state of the job's progress document until it has ended; returns how to stop.
export function watch(jobId, onChange) {
  let source, timer, stopped = false;
  const open = async () => {
    try {
      source = new EventSource(`/operations/${jobId}/events?token=${encodeURIComponent(await token())}`);
    } catch {
      timer = setTimeout(open, 2000);
      return;
    }
    if (stopped) { source.close(); return; }
    source.onmessage = (event) => {
      const operation = JSON.parse(event.data);
      if (["completed", "failed", "cancelled", "expired"].includes(operation.status)) stop();
      onChange(operation);
    };
    // The browser reconnects by itself, save after a refusal: an old token, or a job that is gone.
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED || stopped) return;
      identity = null;
      timer = setTimeout(open, 2000);
    };
  };
  const stop = () => { stopped = true; clearTimeout(timer); source?.close(); };
  open();
  return stop;
}
