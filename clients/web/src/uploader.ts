// <dailies-uploader>: files are dropped or picked, sent and followed, each with its bar and its buttons.

import type { Converter, Progress } from "./converting.js";
import { Sessions } from "./sessions.js";
import type { Upload, UploadState } from "./upload.js";

const SHEET = `
:host { display: block; font: inherit }
label { display: block; padding: 1.5em; border: 2px dashed currentColor; border-radius: .5em; text-align: center; cursor: pointer }
label:focus-within, label.over { outline: 2px solid Highlight; outline-offset: 2px }
input { position: absolute; opacity: 0; width: 1px; height: 1px }
ul { list-style: none; margin: 0; padding: 0 }
li { display: grid; grid-template-columns: 1fr auto auto; gap: .25em .5em; align-items: center; margin-top: .75em }
li > span:first-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
progress { grid-column: 1 / -1; width: 100% }
p { grid-column: 1 / -1; margin: 0 }`;

const SAYS: Record<UploadState, string> = {
  sending: "Uploading",
  waiting: "Waiting for the connection",
  paused: "Paused",
  completed: "Processing",
  failed: "Failed",
  cancelled: "Cancelled",
};

/**
 * `converter` is a Dailies or FirebaseDailies; `recipe` is what is made of each file, also as an attribute in JSON.
 * Its events bubble: `dailies-completed` with the job, `dailies-progress`, `dailies-failed` with the error.
 */
export class DailiesUploader extends HTMLElement {
  converter: Converter | null = null;
  /** Keeps uploads over a reload. */
  sessions: Sessions | null = new Sessions();
  private list = document.createElement("ul");

  connectedCallback(): void {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    const input = Object.assign(document.createElement("input"), { type: "file", multiple: true, accept: "audio/*,video/*" });
    const label = document.createElement("label");
    label.part.add("drop");
    label.append(this.getAttribute("label") ?? "Drop files here, or pick them", input);
    input.onchange = () => {
      this.add(input.files ?? []);
      input.value = "";
    };
    label.ondragover = (event) => {
      event.preventDefault();
      label.classList.add("over");
    };
    label.ondragleave = () => label.classList.remove("over");
    label.ondrop = (event) => {
      event.preventDefault();
      label.classList.remove("over");
      this.add(event.dataTransfer?.files ?? []);
    };
    root.append(Object.assign(document.createElement("style"), { textContent: SHEET }), label, this.list);
  }

  get recipe(): unknown {
    return JSON.parse(this.getAttribute("recipe") ?? "null");
  }

  set recipe(recipe: unknown) {
    this.setAttribute("recipe", JSON.stringify(recipe));
  }

  /** Sends files, as if they had been dropped. */
  add(files: Iterable<File>): void {
    for (const file of files) void this.send(file);
  }

  private async send(file: File): Promise<void> {
    const { converter, sessions } = this;
    if (!converter) throw new TypeError("Give the element a converter first.");
    const row = document.createElement("li");
    const bar = Object.assign(document.createElement("progress"), { max: 100, value: 0 });
    bar.setAttribute("aria-label", file.name);
    const said = document.createElement("p");
    said.setAttribute("role", "status"); // states are spoken, percents are not
    const pause = button("Pause", file, () => (upload?.state === "paused" ? upload.resume() : upload?.pause()));
    const cancel = button("Cancel", file, () => void upload?.cancel());
    row.append(Object.assign(document.createElement("span"), { textContent: file.name }), pause, cancel, bar, said);
    row.part.add("file");
    this.list.append(row);
    let upload: Upload | null = null;
    const told = (name: string, detail: unknown) =>
      this.dispatchEvent(new CustomEvent(`dailies-${name}`, { detail, bubbles: true, composed: true }));
    const onState = (state: UploadState) => {
      row.dataset["state"] = state;
      said.textContent = SAYS[state];
      pause.textContent = state === "paused" ? "Resume" : "Pause";
      pause.hidden = cancel.hidden = ["completed", "failed", "cancelled"].includes(state);
    };
    const onProgress = (progress: Progress) => {
      bar.value = progress.percent;
      told("progress", { file, ...progress });
    };
    onState("sending");
    try {
      const job = await converter.convertWithProgress(file, this.recipe, { sessions, onUpload: (begun) => (upload = begun), onState, onProgress });
      row.dataset["state"] = "ready";
      said.textContent = "Ready";
      told("completed", { file, job });
    } catch (error) {
      if ((upload as Upload | null)?.state === "cancelled") return row.remove();
      row.dataset["state"] = "failed";
      pause.hidden = cancel.hidden = bar.hidden = true;
      said.textContent = (error as Error).message;
      told("failed", { file, error });
    }
  }
}

function button(text: string, file: File, onclick: () => void): HTMLButtonElement {
  const made = Object.assign(document.createElement("button"), { type: "button", textContent: text, onclick });
  made.part.add("button");
  made.setAttribute("aria-description", file.name);
  return made;
}

customElements.define("dailies-uploader", DailiesUploader);

declare global {
  interface HTMLElementTagNameMap {
    "dailies-uploader": DailiesUploader;
  }
}
