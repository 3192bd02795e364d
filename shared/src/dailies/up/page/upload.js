// Cloud Storage's resumable protocol: pieces, and after an interruption the question how much has arrived.

const PIECE = 8 * 1024 * 1024; // a multiple of 256 KiB, as Cloud Storage asks
const TRIES = 8;

export async function upload(request, file, { onProgress, signal }) {
  const session = request.method === "PUT" ? request.url : await start(request, signal);
  const forget = () => fetch(session, { method: "DELETE", keepalive: true }).catch(() => {});
  signal.addEventListener("abort", forget, { once: true });
  await send(session, file, onProgress, signal);
  signal.removeEventListener("abort", forget);
}

async function start(request, signal) {
  const started = await fetch(request.url, { method: request.method, headers: request.headers, signal });
  if (!started.ok) throw new Error(await reason(started));
  return started.headers.get("Location");
}

async function send(session, file, onProgress, signal) {
  let sent = 0, failures = 0;
  while (true) {
    try {
      const end = Math.min(sent + PIECE, file.size);
      const answer = await put(session, file.slice(sent, end), `bytes ${sent}-${end - 1}/${file.size}`, signal, (bytes) =>
        onProgress(sent + bytes));
      if (answer.done) { onProgress(file.size); return; }
      sent = answer.arrived;
      failures = 0;
    } catch (error) {
      if (signal.aborted || error.final || ++failures > TRIES) throw error;
      await pause(Math.min(250 * 2 ** failures, 15_000), signal);
      const answer = await put(session, null, `bytes */${file.size}`, signal, () => {}).catch(() => null);
      if (answer?.done) { onProgress(file.size); return; }
      if (answer) sent = answer.arrived;
    }
  }
}

// fetch() tells nothing of an upload's progress: XMLHttpRequest does.
function put(url, body, range, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.setRequestHeader("Content-Range", range);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      if (request.status === 200 || request.status === 201) resolve({ done: true });
      else if (request.status === 308) {
        const last = request.getResponseHeader("Range")?.match(/-(\d+)$/)?.[1];
        resolve({ done: false, arrived: last === undefined ? 0 : Number(last) + 1 });
      } else {
        const error = new Error(messageOf(request.responseText) ?? `The upload was refused (${request.status}).`);
        error.final = request.status < 500 && request.status !== 429;
        reject(error);
      }
    };
    request.onerror = () => reject(new Error("The connection was lost."));
    request.onabort = () => reject(new DOMException("Cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

const pause = (ms, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => { clearTimeout(timer); resolve(); }, { once: true });
});

async function reason(answer) {
  return messageOf(await answer.text()) ?? `The upload was refused (${answer.status}).`;
}

function messageOf(text) {
  try { return JSON.parse(text).error.message; } catch { return null; }
}
