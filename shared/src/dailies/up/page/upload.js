// Cloud Storage's resumable protocol: pieces, and after an interruption the question how much has arrived.

import { answering, connection } from "./connection.js";

const PIECE = 8 * 1024 * 1024; // a multiple of 256 KiB, as Cloud Storage asks
const TRIES = 8;
const LONGEST_MS = 15_000;

// `session` is where an upload of before goes on; without one it is begun, and `onSession` is told where.
export async function upload(request, file, { session = null, onSession, onProgress, onWait, signal }) {
  const resumed = session !== null;
  if (!resumed) {
    session = request.method === "PUT" ? request.url : await begin(request, signal);
    onSession(session);
  }
  const forget = () => fetch(session, { method: "DELETE", keepalive: true }).catch(() => {});
  signal.addEventListener("abort", forget, { once: true });
  await send(session, file, { onProgress, onWait, signal, resumed });
  signal.removeEventListener("abort", forget);
}

async function begin(request, signal) {
  const begun = await fetch(request.url, { method: request.method, headers: request.headers, signal });
  if (!begun.ok) throw new Error(messageOf(await begun.text()) ?? `The upload was refused (${begun.status}).`);
  return begun.headers.get("Location");
}

async function send(session, file, { onProgress, onWait, signal, resumed }) {
  let sent = 0, failures = 0, unsure = resumed;
  while (true) {
    try {
      if (unsure) {
        const answer = await put(session, null, `bytes */${file.size}`, signal, () => {});
        if (answer.done) break;
        sent = answer.arrived;
        unsure = false;
      }
      const end = Math.min(sent + PIECE, file.size);
      const answer = await put(session, file.slice(sent, end), `bytes ${sent}-${end - 1}/${file.size}`, signal, (bytes) =>
        onProgress(sent + bytes));
      if (answer.done) break;
      sent = answer.arrived;
      failures = 0;
    } catch (error) {
      // A server that is away is waited for: nothing of what has arrived is lost.
      if (!error.away) failures += 1;
      if (signal.aborted || error.final || failures > TRIES) throw error;
      onWait();
      await answering(Math.min(250 * 2 ** Math.max(failures, error.away ? 3 : 0), LONGEST_MS), signal);
      unsure = true;
    }
  }
  onProgress(file.size);
}

// fetch() tells nothing of an upload's progress: XMLHttpRequest does.
function put(url, body, range, signal, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", url);
    request.setRequestHeader("Content-Range", range);
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => {
      connection.found();
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
    request.onerror = async () => {
      // Which of the two it was, a browser tells nobody.
      if (body && !(await readable(body))) {
        const text = "The file was changed or removed while it was sent: drop it again when it is finished.";
        return reject(Object.assign(new Error(text), { final: true, code: "file_changed" }));
      }
      connection.lost();
      reject(Object.assign(new Error("The connection was lost."), { away: true }));
    };
    request.onabort = () => reject(new DOMException("Cancelled", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

const readable = (body) => body.slice(0, 1).arrayBuffer().then(() => true, () => false);

function messageOf(text) {
  try { return JSON.parse(text).error.message; } catch { return null; }
}
