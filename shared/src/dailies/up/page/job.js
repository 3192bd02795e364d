// One job, whether it still waits here for its turn, is sent, or is the server's business.

import { isPreview } from "./previews.js";
import { Rate } from "./rate.js";
import { bytes, left } from "./words.js";

export const ENDED = ["completed", "failed", "cancelled", "expired"];
// What would be lost, or would have to be picked again, if the page went.
const HERE = ["waiting", "preparing", "uploading", "paused"];
const LABELS = {
  waiting: "Waiting", preparing: "Preparing", uploading: "Uploading", paused: "Waiting for the connection",
  interrupted: "Upload interrupted", awaiting_upload: "Uploading elsewhere", queued: "Queued",
  fetching: "Fetching", processing: "Processing",
  completed: "Ready", failed: "Failed", cancelled: "Cancelled", expired: "Expired",
};
let serial = 0;

export class Job {
  // `rank` orders the list: the newest first, and files that were dropped together as they were dropped.
  constructor({ name, size, jobId = null, file = null, recipe = null, rank, alone = false }) {
    Object.assign(this, { name, size, jobId, file, recipe, rank, alone, key: `j${++serial}`, state: jobId ? "queued" : "waiting" });
    this.abort = new AbortController();
    this.sent = 0;
    this.progress = 0;
    this.steps = {};
    this.kinds = [];
    this.leftOut = {};
    this.error = null;
    this.result = null;
    this.resultEnds = Infinity;
    this.since = Date.now();
    this.rate = new Rate();
  }

  get live() { return !ENDED.includes(this.state); }
  get here() { return HERE.includes(this.state); }
  get group() { return this.live ? "active" : this.state === "completed" ? "ready" : "failed"; }
  get label() { return LABELS[this.state] ?? this.state; }
  // What a tone-mapped second run would give.
  get hdr() { return this.error?.code === "hdr_source" || Object.entries(this.leftOut).some(([name, each]) => each.code === "hdr_source" && !isPreview(name)); }

  become(state) {
    if (this.state === state) return false;
    this.state = state;
    this.rate.forget();
    return true;
  }

  sending(sent) {
    this.sent = sent;
    this.rate.note(sent);
  }

  get fraction() {
    if (["uploading", "paused"].includes(this.state)) return this.sent / this.size;
    return this.state === "processing" && this.progress ? this.progress / 100 : null;
  }

  // For people: how far, how fast, how long.
  get detail() {
    const parts = [];
    if (this.state === "waiting") return this.note ?? "";
    if (this.state === "uploading" || this.state === "paused") {
      parts.push(`${Math.floor((100 * this.sent) / this.size)} %`);
      const rate = this.rate.perSecond;
      if (rate && this.state === "uploading") parts.push(`${bytes(rate)}/s`, left(this.rate.secondsTo(this.size)));
    }
    if (this.state === "processing") {
      if (this.progress > 0) parts.push(`${this.progress} %`);
      parts.push(left(this.rate.secondsTo(100)));
    }
    if (this.state === "queued" && this.position) parts.push(`${this.position} before it`);
    const missing = Object.keys(this.leftOut).filter((name) => !isPreview(name));
    if (this.state === "completed" && missing.length) parts.push(`without ${missing.join(", ")}`);
    return parts.filter(Boolean).join(" · ");
  }

  // `operation` is the job's progress document as the server has it now. Says whether the state is another one.
  take(operation) {
    this.name = operation.fileName ?? this.name;
    this.kinds = operation.operationType?.split("+") ?? this.kinds;
    this.since = Date.parse(operation.completedAt ?? operation.failedAt ?? operation.startTime);
    if (!this.live) return false;
    // The upload is this page's own business until the server has seen its end.
    if (operation.status === "awaiting_upload") return !this.here && this.state !== "interrupted" && this.become("awaiting_upload");
    this.steps = operation.steps ?? {};
    this.leftOut = operation.leftOut ?? {};
    this.position = operation.position;
    this.error = operation.error ?? (operation.status === "failed" ? { message: operation.message } : null);
    const changed = this.become(operation.status);
    if (operation.status === "processing") {
      this.progress = operation.progress;
      this.rate.note(operation.progress);
    }
    // Cancelled or expired elsewhere: nobody waits for the rest.
    if (!this.live) this.abort.abort();
    return changed;
  }

  // `broken`: its upload has begun in this browser, and no tab sends the rest.
  waitsForFile(broken) {
    return ["awaiting_upload", "interrupted"].includes(this.state) && this.become(broken ? "interrupted" : "awaiting_upload");
  }

  fail(error) {
    this.error = { message: error.message, code: error.code };
    return this.become("failed");
  }
}
