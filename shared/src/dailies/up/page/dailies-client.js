// Made of clients/web by scripts/web-client.

// clients/web/src/errors.ts
var DailiesClientError = class extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
};
var ApiError = class extends DailiesClientError {
  /** `retryAfter` is in seconds. */
  constructor(status, problem, retryAfter = null) {
    const { type, title, status: told, detail, code, instance, ...details } = problem;
    super(typeof detail === "string" ? detail : `The server answered ${status}.`);
    this.status = status;
    this.retryAfter = retryAfter;
    this.code = typeof code === "string" ? code : "unknown";
    this.request = typeof instance === "string" ? instance : null;
    this.details = details;
  }
  status;
  retryAfter;
  code;
  request;
  details;
};
var BadRequest = class extends ApiError {
};
var Unauthenticated = class extends ApiError {
};
var OverBudget = class extends ApiError {
};
var Forbidden = class extends ApiError {
};
var NotFound = class extends ApiError {
};
var Conflict = class extends ApiError {
};
var TooManyRequests = class extends ApiError {
};
var ServerError = class extends ApiError {
};
var ConnectionFailed = class extends DailiesClientError {
};
var UploadFailed = class extends DailiesClientError {
  constructor(session, message, options) {
    super(message, options);
    this.session = session;
  }
  session;
};
var FileChanged = class extends UploadFailed {
};
var BY_STATUS = {
  401: Unauthenticated,
  402: OverBudget,
  403: Forbidden,
  404: NotFound,
  409: Conflict,
  429: TooManyRequests
};
function refusal(status, text, retryAfter) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    found = null;
  }
  const told = isObject(found) ? found : {};
  const problem = isObject(told["error"]) ? { code: told["error"]["code"], detail: told["error"]["message"] } : told;
  const seconds = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  return apiError(status, problem, seconds);
}
var isObject = (value) => typeof value === "object" && value !== null;
function apiError(status, problem, retryAfter = null) {
  const Kind = BY_STATUS[status] ?? (status >= 500 ? ServerError : BadRequest);
  return new Kind(status, problem, retryAfter);
}

// clients/web/src/sessions.ts
var LIFE_MS = 6 * 864e5;
var isSame = (file, kept) => file.name === kept.name && file.size === kept.size && file.lastModified === kept.modified;
var lockOf = (jobId) => `dailies.upload.${jobId}`;
var Sessions = class {
  constructor(name = "dailies.uploads", storage = () => localStorage) {
    this.name = name;
    this.storage = storage;
  }
  name;
  storage;
  /** The session of the same file and recipe. */
  find(file, recipe) {
    for (const [jobId, kept] of Object.entries(this.known())) {
      if (isSame(file, kept) && kept.recipe === JSON.stringify(recipe ?? null)) return { jobId, url: kept.session };
    }
    return null;
  }
  remember({ jobId, url }, file, recipe) {
    const { name, size, lastModified: modified } = file;
    const kept = { session: url, name, size, modified, recipe: JSON.stringify(recipe ?? null), begun: Date.now() };
    this.keep({ ...this.known(), [jobId]: kept });
  }
  forget(jobId) {
    const { [jobId]: gone, ...others } = this.known();
    if (gone) this.keep(others);
  }
  /** By job. Read each time: this browser's other tabs keep theirs in the same place. */
  known() {
    let found;
    try {
      found = JSON.parse(this.storage().getItem(this.name) ?? "{}");
    } catch {
      return {};
    }
    return Object.fromEntries(Object.entries(found).filter(([, each]) => Date.now() - each.begun < LIFE_MS));
  }
  keep(uploads) {
    try {
      this.storage().setItem(this.name, JSON.stringify(uploads));
    } catch {
      return;
    }
  }
};

// clients/web/src/sending.ts
var RETRIED = /* @__PURE__ */ new Set([408, 429, 500, 502, 503, 504]);
var passes = (error) => error instanceof ConnectionFailed || error instanceof ApiError && RETRIED.has(error.status);
var backoff = (tries) => Math.min(500 * 2 ** tries, 15e3) * (0.75 + Math.random() / 4);
function pause(ms, signal) {
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

// clients/web/src/upload.ts
var PIECE_BYTES = 8 * 1024 * 1024;
var TRIES = 8;
var Upload = class {
  constructor(file, recipe, server, options = {}) {
    this.file = file;
    this.recipe = recipe;
    this.server = server;
    this.options = options;
    this.session = options.session ?? this.kept?.find(file, recipe) ?? null;
    this.done = this.run();
    this.done.catch(() => {
    });
  }
  file;
  recipe;
  server;
  options;
  done;
  state = "sending";
  sentBytes = 0;
  session;
  stopped = new AbortController();
  resumed = null;
  /** Stops sending; what has arrived stays. */
  pause() {
    if (this.state !== "sending" && this.state !== "waiting") return;
    this.become("paused");
    this.stopped.abort();
  }
  resume() {
    if (this.state !== "paused") return;
    this.stopped = new AbortController();
    this.become("sending");
    this.resumed?.();
  }
  /** Ends it for good, and its job. */
  async cancel() {
    if (["completed", "failed", "cancelled"].includes(this.state)) return;
    this.become("cancelled");
    this.stopped.abort();
    this.resumed?.();
    const { session } = this;
    if (session === null) return;
    this.kept?.forget(session.jobId);
    await this.server.cancel(session.jobId).catch(() => {
    });
    await fetch(session.url, { method: "DELETE", keepalive: true }).catch(() => {
    });
  }
  get kept() {
    return "lastModified" in this.file ? this.options.sessions ?? null : null;
  }
  get ended() {
    return this.state === "cancelled";
  }
  become(state, reason) {
    if (this.state === state) return;
    this.state = state;
    this.options.onState?.(state, reason);
  }
  async run() {
    try {
      const found = this.session !== null;
      try {
        await this.sendTo(this.session ?? await this.begin(), found);
      } catch (error) {
        const gone = error instanceof UploadFailed && error.cause instanceof ApiError && [404, 410].includes(error.cause.status);
        if (!gone || !found || this.options.session) throw error;
        this.kept?.forget(error.session.jobId);
        await this.sendTo(await this.begin(), false);
      }
      const { jobId } = this.session;
      this.kept?.forget(jobId);
      this.become("completed");
      return jobId;
    } catch (error) {
      if (this.ended) throw new DOMException("The upload was cancelled.", "AbortError");
      this.become("failed", error);
      throw error;
    }
  }
  async begin() {
    const { file } = this;
    const known = /^(audio|video)\//.test(file.type);
    const { jobId, upload } = await this.server.announce({
      size_bytes: file.size,
      content_type: known ? file.type : "",
      file_name: this.options.fileName ?? file.name ?? ""
    });
    this.session = { jobId, url: upload.url };
    if (this.ended) {
      await this.server.cancel(jobId).catch(() => {
      });
      return this.session;
    }
    if (upload.method !== "PUT") {
      const begun = await fetch(upload.url, { method: upload.method, headers: upload.headers });
      if (!begun.ok) throw refusal(begun.status, await begun.text(), null);
      this.session = { jobId, url: begun.headers.get("Location") };
    }
    this.kept?.remember(this.session, file, this.recipe);
    this.options.onSession?.(this.session);
    return this.session;
  }
  /** One tab at a time sends a job's file. A lock goes with its tab, however that ends, and with a pause. */
  async sendTo(session, unsure) {
    const locks = globalThis.navigator?.locks;
    for (let sent = false, granted = false; !sent; unsure = true) {
      while (this.state === "paused") await new Promise((resolve) => this.resumed = resolve);
      const { signal } = this.stopped;
      signal.throwIfAborted();
      const send = () => {
        granted = true;
        return this.send(session, unsure);
      };
      try {
        sent = await (locks ? locks.request(lockOf(session.jobId), { signal }, send) : send());
      } catch (error) {
        if (granted || this.ended) throw error;
      }
    }
  }
  /** Whether all has arrived: otherwise it is paused. */
  async send(session, unsure) {
    const { file } = this;
    const piece = this.options.pieceBytes ?? PIECE_BYTES;
    for (let sent = 0, best = 0, failures = 0, waits = 0; ; ) {
      const { signal } = this.stopped;
      if (this.state === "paused") return false;
      signal.throwIfAborted();
      const end = Math.min(sent + piece, file.size);
      const [body, span] = unsure ? [null, "*"] : [file.slice(sent, end), `${sent}-${end - 1}`];
      try {
        const answer = await put(session.url, body, `bytes ${span}/${file.size}`, signal, (bytes) => this.progress(sent + bytes));
        const arrived = arrivedOf(answer);
        if (arrived === null) {
          this.progress(file.size);
          return true;
        }
        if (arrived > best) failures = waits = 0;
        else if (!unsure) failures += 1;
        if (failures > TRIES) throw new UploadFailed(session, "The server takes nothing of the file.");
        sent = arrived;
        best = Math.max(best, sent);
        unsure = false;
        this.progress(sent);
        if (this.state === "waiting") this.become("sending");
      } catch (error) {
        unsure = true;
        if (signal.aborted) continue;
        if (error instanceof UploadFailed) throw error;
        const lost = error instanceof ConnectionFailed;
        if (lost && body && !await readable(body)) {
          throw new FileChanged(session, "The file was changed or removed while it was sent: pick it again when it is finished.", { cause: error });
        }
        if (!lost) failures += 1;
        if (!passes(error) || failures > TRIES) throw new UploadFailed(session, error.message, { cause: error });
        if (!signal.aborted) this.become("waiting", error);
        const after = error instanceof ApiError ? error.retryAfter : null;
        await pause(after === null ? backoff(waits++) : after * 1e3, signal).catch(() => {
        });
      }
    }
  }
  progress(sent) {
    if (sent <= this.sentBytes && sent < this.file.size) return;
    this.sentBytes = sent;
    this.options.onProgress?.(sent, this.file.size);
  }
};
function arrivedOf({ status, text, header }) {
  if (status === 200 || status === 201) return null;
  if (status !== 308) throw refusal(status, text, header("Retry-After"));
  const last = /-(\d+)$/.exec(header("Range") ?? "")?.[1];
  return last === void 0 ? 0 : Number(last) + 1;
}
function put(url, body, range, signal, onProgress) {
  if (typeof XMLHttpRequest === "undefined") return putByFetch(url, body, range, signal);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    request.open("PUT", url);
    request.setRequestHeader("Content-Range", range);
    if (body) request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onload = () => resolve({ status: request.status, text: request.responseText, header: (name) => request.getResponseHeader(name) });
    request.onerror = () => reject(new ConnectionFailed("The connection was lost."));
    request.onabort = () => reject(signal.reason);
    request.onloadend = () => signal.removeEventListener("abort", stop);
    signal.addEventListener("abort", stop);
    request.send(body);
  });
}
async function putByFetch(url, body, range, signal) {
  try {
    const answer = await fetch(url, { method: "PUT", headers: { "Content-Range": range }, body, signal });
    return { status: answer.status, text: await answer.text(), header: (name) => answer.headers.get(name) };
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ConnectionFailed("The connection was lost.", { cause: error });
  }
}
var readable = (body) => body.slice(0, 1).arrayBuffer().then(() => true, () => false);
export {
  ConnectionFailed,
  FileChanged,
  Sessions,
  Upload,
  isSame,
  lockOf
};
