// One job's card: from the first byte to the download.

import { call } from "./api.js";
import { leftOut, showResult } from "./result.js";
import { upload } from "./upload.js";
import { bytes, element } from "./words.js";

const LABELS = {
  preparing: "Preparing", uploading: "Uploading", awaiting_upload: "Waiting for the upload", queued: "Queued",
  processing: "Processing", completed: "Ready", failed: "Failed", cancelled: "Cancelled", expired: "Expired",
};
const ENDED = ["completed", "failed", "cancelled", "expired"];

function bar(name) {
  const figure = element("span"), fill = element("div", { class: "fill" });
  const track = element("div", { class: "track", role: "progressbar", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
  const made = element("div", { class: "bar idle" },
    element("div", { class: "bar-text" }, element("span", {}, name), figure), track);
  made.show = (percent, text) => {
    made.classList.remove("idle");
    made.classList.toggle("done", percent >= 100);
    fill.style.width = `${percent}%`;
    track.setAttribute("aria-valuenow", Math.round(percent));
    figure.textContent = text;
  };
  return made;
}

export class JobCard {
  constructor({ name, size, jobId = null }, { onStarted, onRemoved }) {
    Object.assign(this, { name, size, jobId, onStarted, abort: new AbortController() });
    this.status = element("span", { class: "status" });
    this.uploading = bar("Upload");
    this.processing = bar("Processing");
    this.steps = element("ul", { class: "steps" });
    this.missing = element("div");
    this.bars = element("div", { class: "bars" }, this.uploading, this.processing, this.steps, this.missing);
    this.below = element("div", { hidden: true });
    this.cancelButton = element("button", { type: "button", onclick: () => this.cancel() }, "Cancel");
    this.removeButton = element("button", { type: "button", class: "quiet", "aria-label": `Remove ${name} from the list`, hidden: true,
      onclick: () => onRemoved(this) }, "Remove");
    this.node = element("article", { class: "job" },
      element("div", { class: "job-head" },
        element("div", { class: "job-name" }, element("b", { title: name }, name), element("small", {}, bytes(size))),
        this.status, this.cancelButton, this.removeButton),
      this.bars, this.below);
    this.show(jobId ? "queued" : "preparing");
  }

  show(state) {
    this.state = state;
    this.node.dataset.state = state;
    this.status.textContent = LABELS[state] ?? state;
    const ended = ENDED.includes(state);
    this.cancelButton.hidden = ended;
    this.removeButton.hidden = !ended;
    // Of what was never sent there is nothing to show.
    const unsent = this.uploading.classList.contains("idle") && !["preparing", "uploading"].includes(state);
    this.bars.hidden = state === "completed" || unsent;
  }

  async start(file, recipe) {
    try {
      // Of an extension that means something else to it, a browser says that: .ts is no TypeScript here.
      const known = /^(audio|video)\//.test(file.type);
      const made = await call("createUpload", {
        sizeBytes: file.size, contentType: known ? file.type : "", fileName: file.name, recipe,
      });
      this.jobId = made.jobId;
      this.onStarted(this);
      if (this.abort.signal.aborted) return;
      this.show("uploading");
      const begun = performance.now();
      await upload(made.upload, file, { signal: this.abort.signal, onProgress: (sent) => {
        const rate = sent / Math.max((performance.now() - begun) / 1000, 0.1);
        this.uploading.show((100 * sent) / file.size, `${bytes(sent)} of ${bytes(file.size)} · ${bytes(rate)}/s`);
      } });
      if (this.state === "uploading") this.show("queued");
    } catch (error) {
      if (this.abort.signal.aborted) return;
      this.fail(error);
      // Nobody will send the rest: the server need not wait for it.
      if (this.jobId) call("cancelJob", { jobId: this.jobId }).catch(() => {});
    }
  }

  // Whether the server may still have news of it.
  get live() {
    return !ENDED.includes(this.state);
  }

  // `operation` is the job's progress document as the server has it now.
  async update(operation) {
    if (!this.live) return;
    if (operation.status === "awaiting_upload") {
      // The upload is this page's own business until the server has seen its end; another's is only told of.
      if (this.state !== "uploading") this.show("awaiting_upload");
      return;
    }
    if (["queued", "processing", "completed"].includes(operation.status)) this.uploading.show(100, bytes(this.size));
    if (operation.status === "processing") this.processing.show(operation.progress, `${operation.progress} %`);
    this.steps.replaceChildren(...Object.entries(operation.steps ?? {}).map(([name, step]) =>
      element("li", { "data-status": step.status }, step.status === "running" ? `${name} ${step.progress} %` : name)));
    this.missing.replaceChildren(...leftOut(operation.leftOut));
    this.show(operation.status);
    // Cancelled or expired elsewhere: nobody waits for the rest.
    if (!this.live) this.abort.abort();
    if (operation.status === "failed") this.fail({ message: operation.error?.message ?? operation.message });
    if (operation.status === "completed") {
      try {
        this.below.replaceChildren(showResult(await call("getResult", { jobId: this.jobId })));
        this.below.hidden = false;
      } catch (error) {
        this.fail(error);
      }
    }
  }

  async cancel() {
    this.cancelButton.disabled = true;
    this.abort.abort();
    try {
      if (this.jobId) await call("cancelJob", { jobId: this.jobId });
      this.show("cancelled");
    } catch (error) {
      // It ended in that moment: the watch says how.
      if (error.code !== "job_state") this.fail(error);
    } finally {
      this.cancelButton.disabled = false;
    }
  }

  fail(error) {
    this.show("failed");
    this.below.replaceChildren(element("p", { class: "problem" }, error.message));
    this.below.hidden = false;
  }
}
