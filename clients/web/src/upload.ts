// Cloud Storage's resumable protocol: pieces, and after an interruption the question how much has arrived.

import { ApiError, ConnectionFailed, FileChanged, UploadFailed, refusal, type UploadSession } from "./errors.js";
import { backoff, passes, pause } from "./sending.js";
import { lockOf, type Sessions } from "./sessions.js";

// A multiple of 256 KiB, as Cloud Storage asks.
const PIECE_BYTES = 8 * 1024 * 1024;
// Refusals in a row. Lost connections are waited for without a limit: nothing of what has arrived is lost.
const TRIES = 8;

/** A request that the server has signed. */
export interface Signed {
  method: string;
  url: string;
  headers: Record<string, string>;
}

/** A job that awaits its file. */
export interface Ticket {
  jobId: string;
  upload: Signed;
}

/** `waiting`: for the server, or the network. */
export type UploadState = "sending" | "waiting" | "paused" | "completed" | "failed" | "cancelled";

export interface UploadOptions {
  /** Where an upload of before goes on. */
  session?: UploadSession | null;
  /** Is told where the file goes: kept and given as `session`, another process can go on. */
  onSession?: (session: UploadSession) => void;
  /** Finds uploads of before a reload, and keeps this one. */
  sessions?: Sessions | null;
  onProgress?: (sentBytes: number, totalBytes: number) => void;
  /** `reason` is why it waits or failed. */
  onState?: (state: UploadState, reason?: unknown) => void;
  /** Of a Blob that has none. */
  fileName?: string;
  pieceBytes?: number;
}

export interface Announcement {
  size_bytes: number;
  content_type: string;
  file_name: string;
}

/** What an upload asks of a server: a ticket, and the end of a job whose file nobody will send. */
export interface Announcing {
  announce: (file: Announcement) => Promise<Ticket>;
  cancel: (jobId: string) => Promise<unknown>;
}

/** A file on its way. `done` is its job's id, once it has arrived; it fails with UploadFailed, ApiError, ConnectionFailed. */
export class Upload {
  readonly done: Promise<string>;
  state: UploadState = "sending";
  sentBytes = 0;
  session: UploadSession | null;
  private stopped = new AbortController();
  private resumed: (() => void) | null = null;

  constructor(
    private readonly file: Blob,
    private readonly recipe: unknown,
    private readonly server: Announcing,
    private readonly options: UploadOptions = {},
  ) {
    this.session = options.session ?? this.kept?.find(file as File, recipe) ?? null;
    this.done = this.run();
    // Who only looks at `state` has handled it, too.
    this.done.catch(() => {});
  }

  /** Stops sending; what has arrived stays. */
  pause(): void {
    if (this.state !== "sending" && this.state !== "waiting") return;
    this.become("paused");
    this.stopped.abort();
  }

  resume(): void {
    if (this.state !== "paused") return;
    this.stopped = new AbortController();
    this.become("sending");
    this.resumed?.();
  }

  /** Ends it for good, and its job. */
  async cancel(): Promise<void> {
    if (["completed", "failed", "cancelled"].includes(this.state)) return;
    this.become("cancelled");
    this.stopped.abort();
    this.resumed?.();
    const { session } = this;
    if (session === null) return;
    this.kept?.forget(session.jobId);
    // Neither is needed: a job whose file nobody sends expires, and of its session nothing comes.
    await this.server.cancel(session.jobId).catch(() => {});
    await fetch(session.url, { method: "DELETE", keepalive: true }).catch(() => {});
  }

  private get kept(): Sessions | null {
    return "lastModified" in this.file ? (this.options.sessions ?? null) : null;
  }

  private get ended(): boolean {
    return this.state === "cancelled";
  }

  private become(state: UploadState, reason?: unknown): void {
    if (this.state === state) return;
    this.state = state;
    this.options.onState?.(state, reason);
  }

  private async run(): Promise<string> {
    try {
      const found = this.session !== null;
      try {
        await this.sendTo(this.session ?? (await this.begin()), found);
      } catch (error) {
        // A session of before the reload that is no more: the file goes on a new one.
        const gone = error instanceof UploadFailed && error.cause instanceof ApiError && [404, 410].includes(error.cause.status);
        if (!gone || !found || this.options.session) throw error;
        this.kept?.forget(error.session.jobId);
        await this.sendTo(await this.begin(), false);
      }
      const { jobId } = this.session as UploadSession;
      this.kept?.forget(jobId);
      this.become("completed");
      return jobId;
    } catch (error) {
      if (this.ended) throw new DOMException("The upload was cancelled.", "AbortError");
      this.become("failed", error);
      throw error;
    }
  }

  private async begin(): Promise<UploadSession> {
    const { file } = this;
    // Of an extension that means something else to it, a browser says that: .ts is no TypeScript here.
    const known = /^(audio|video)\//.test(file.type);
    const { jobId, upload } = await this.server.announce({
      size_bytes: file.size,
      content_type: known ? file.type : "",
      file_name: this.options.fileName ?? (file as File).name ?? "",
    });
    this.session = { jobId, url: upload.url };
    if (this.ended) {
      await this.server.cancel(jobId).catch(() => {});
      return this.session;
    }
    if (upload.method !== "PUT") {
      const begun = await fetch(upload.url, { method: upload.method, headers: upload.headers });
      if (!begun.ok) throw refusal(begun.status, await begun.text(), null);
      this.session = { jobId, url: begun.headers.get("Location") as string };
    }
    this.kept?.remember(this.session, file as File, this.recipe);
    this.options.onSession?.(this.session);
    return this.session;
  }

  /** One tab at a time sends a job's file. A lock goes with its tab, however that ends, and with a pause. */
  private async sendTo(session: UploadSession, unsure: boolean): Promise<void> {
    const locks = globalThis.navigator?.locks as LockManager | undefined;
    for (let sent = false, granted = false; !sent; unsure = true) {
      while (this.state === "paused") await new Promise<void>((resolve) => (this.resumed = resolve));
      const { signal } = this.stopped;
      signal.throwIfAborted();
      const send = () => {
        granted = true;
        return this.send(session, unsure);
      };
      try {
        sent = await (locks ? locks.request(lockOf(session.jobId), { signal }, send) : send());
      } catch (error) {
        // Paused while it waited for another tab.
        if (granted || this.ended) throw error;
      }
    }
  }

  /** Whether all has arrived: otherwise it is paused. */
  private async send(session: UploadSession, unsure: boolean): Promise<boolean> {
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
        // A server that takes nothing, time after time, is none to go on with.
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
        if (lost && body && !(await readable(body))) {
          throw new FileChanged(session, "The file was changed or removed while it was sent: pick it again when it is finished.", { cause: error });
        }
        if (!lost) failures += 1;
        if (!passes(error) || failures > TRIES) throw new UploadFailed(session, (error as Error).message, { cause: error });
        if (!signal.aborted) this.become("waiting", error);
        const after = error instanceof ApiError ? error.retryAfter : null;
        await pause(after === null ? backoff(waits++) : after * 1000, signal).catch(() => {});
      }
    }
  }

  private progress(sent: number): void {
    // What was on its way when a connection was lost may have to be sent again: that is no progress.
    if (sent <= this.sentBytes && sent < this.file.size) return;
    this.sentBytes = sent;
    this.options.onProgress?.(sent, this.file.size);
  }
}

interface Answer {
  status: number;
  text: string;
  header: (name: string) => string | null;
}

/** Bytes; null where all have arrived. */
function arrivedOf({ status, text, header }: Answer): number | null {
  if (status === 200 || status === 201) return null;
  if (status !== 308) throw refusal(status, text, header("Retry-After"));
  const last = /-(\d+)$/.exec(header("Range") ?? "")?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

function put(url: string, body: Blob | null, range: string, signal: AbortSignal, onProgress: (bytes: number) => void): Promise<Answer> {
  // fetch() tells nothing of an upload's progress: XMLHttpRequest does, where there is one.
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

async function putByFetch(url: string, body: Blob | null, range: string, signal: AbortSignal): Promise<Answer> {
  try {
    const answer = await fetch(url, { method: "PUT", headers: { "Content-Range": range }, body, signal });
    return { status: answer.status, text: await answer.text(), header: (name) => answer.headers.get(name) };
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ConnectionFailed("The connection was lost.", { cause: error });
  }
}

const readable = (body: Blob) => body.slice(0, 1).arrayBuffer().then(() => true, () => false);
