// One job as a line of the list, which opens to its steps or its results.

import { cancel, clear, download, downloadAll, goOn, resultOf, retry, toneMap } from "./actions.js";
import { ask } from "./api.js";
import { editOutputs } from "./again.js";
import { isPreview } from "./previews.js";
import { leftOut, showResult } from "./result.js";
import { share } from "./share_dialog.js";
import { ago, bytes, element, icon } from "./words.js";

const isSound = (name) => /\.(mp3|wav|flac|ogg|opus|m4a|aac|wma|aiff?|amr|mka|ac3)$/i.test(name);

export class Row {
  constructor(job) {
    this.job = job;
    this.open = false;
    this.shown = null;
    this.name = element("b");
    this.sub = element("small");
    this.poster = element("span", { class: "poster" }, icon(isSound(job.name) ? "sound" : "film"));
    this.status = element("span", { class: "status" });
    this.detail = element("span", { class: "detail" });
    this.fill = element("div", { class: "fill" });
    this.bar = element("div", { class: "track", role: "progressbar", "aria-label": `Progress of ${job.name}`, "aria-valuemin": 0, "aria-valuemax": 100, hidden: true }, this.fill);
    this.actions = element("div", { class: "job-actions" });
    this.body = element("div", { class: "job-body", id: `${job.key}-body`, hidden: true });
    this.opener = element("button", { type: "button", class: "job-open", "aria-expanded": "false", "aria-controls": this.body.id, onclick: () => this.toggle() },
      icon("chevron"), this.poster, element("span", { class: "job-name" }, this.name, this.sub));
    this.node = element("li", { class: "job", "data-job": job.key },
      element("div", { class: "job-head" }, this.opener, element("div", { class: "job-state" }, this.status, this.detail), this.actions, this.bar), this.body);
    this.update();
  }

  // Called with each change: touches what is another than before, and nothing else.
  update() {
    const { job } = this, { fraction } = job;
    write(this.name, job.name);
    this.name.title = job.name;
    write(this.sub, [bytes(job.size), job.live ? null : ago(job.since)].filter(Boolean).join(" · "));
    write(this.detail, job.detail);
    this.bar.hidden = fraction === null || !job.live;
    if (fraction !== null) {
      this.fill.style.width = `${100 * fraction}%`;
      this.bar.setAttribute("aria-valuenow", Math.round(100 * fraction));
    }
    const told = `${job.state} ${job.hdr} ${job.jobId}`;
    if (told !== this.told) {
      this.told = told;
      this.node.dataset.state = job.state;
      write(this.status, job.label);
      this.actions.replaceChildren(...this.buttons());
      this.shown = null;
      if (job.state === "completed" && job.alone && !this.open) this.toggle();
      if (job.state === "completed") this.showPoster();
    }
    this.fillBody();
  }

  buttons() {
    const { job } = this, { name, state } = job;
    const button = (text, label, act, kind = "") => element("button", { type: "button", class: kind, "aria-label": `${label} ${name}`, onclick: act }, text);
    if (state === "interrupted") return [button("Pick it again", "Pick it again:", () => goOn(job), "main"), button(icon("close"), "Cancel", () => cancel(job), "quiet round")];
    if (job.live) return [button(icon("close"), "Cancel", () => cancel(job), "quiet round")];
    const clearIt = button(icon("close"), "Clear", () => clear([job]), "quiet round");
    if (state === "completed") return [job.hdr && button("Map to SDR", "Map to SDR:", () => toneMap(job)),
      button([icon("download"), "Download"], "Download", () => download(job)), clearIt].filter(Boolean);
    return [job.hdr ? button("Map to SDR", "Map to SDR:", () => toneMap(job), "main") : button([icon("again"), "Retry"], "Retry", () => retry(job)), clearIt];
  }

  toggle() {
    this.open = !this.open;
    if (this.open && this.job.resultEnds < Date.now()) this.shown = null;
    this.body.hidden = !this.open;
    this.opener.setAttribute("aria-expanded", String(this.open));
    this.fillBody();
  }

  fillBody() {
    const { job } = this;
    // Why a job failed is worth a line whether it is open or not.
    const problem = job.state === "failed" ? job.error?.message : null;
    this.problem ??= element("p", { class: "problem" });
    write(this.problem, problem ?? "");
    if (problem && !this.problem.isConnected) this.body.before(this.problem);
    if (!problem) this.problem.remove();
    if (!this.open) return;
    if (job.state !== "completed") this.body.replaceChildren(...this.progress());
    else if (this.shown !== "result") this.showDeliverables();
  }

  progress() {
    const { job } = this;
    const steps = Object.entries(job.steps).filter(([name]) => !isPreview(name)).map(([name, step]) =>
      element("li", { "data-status": step.status }, name, step.status === "running" ? element("small", {}, `${step.progress} %`) : null));
    const bare = { waiting: "It is sent as soon as others have made room.", queued: "A worker takes it up next.", interrupted: `Pick ${job.name} again, or drop it above: what has arrived is not sent twice.` }[job.state];
    return [steps.length ? element("ul", { class: "steps", "aria-label": "Steps" }, steps) : element("p", { class: "about" }, bare ?? (job.error?.code ? `It came to no step of its work (${job.error.code}).` : `This job is ${job.label.toLowerCase()}.`)),
      ...leftOut(job.leftOut)];
  }

  async showDeliverables() {
    this.shown = "result";
    const { job } = this;
    this.body.replaceChildren(element("p", { class: "about" }, "Fetching the result…"));
    try {
      const source = async () => {
        const found = await ask(`/operations/${job.jobId}/source`);
        return { url: found.url, integratedLufs: found.integratedLufs };
      };
      const shown = await showResult(await resultOf(job), source);
      this.body.replaceChildren(element("div", { class: "tools" },
        element("button", { type: "button", onclick: () => share(job) }, icon("link"), "Share a link"),
        element("button", { type: "button", onclick: () => editOutputs(job) }, icon("sliders"), "Other outputs"),
        element("button", { type: "button", onclick: () => downloadAll([job]) }, icon("download"), "All files (ZIP)")), shown);
    } catch (error) {
      this.shown = null;
      this.body.replaceChildren(element("p", { class: "left-out" }, error.message));
    }
  }

  // One small picture says more of a film than its name.
  async showPoster() {
    if (!this.job.kinds.includes("thumbnail")) return;
    const found = await resultOf(this.job).catch(() => null);
    const name = found && Object.keys(found.result.outputs).find((each) => found.result.outputs[each].kind === "thumbnail");
    if (name) this.poster.replaceChildren(element("img", { src: found.downloads[name].url, alt: "", loading: "lazy" }));
  }
}

function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
