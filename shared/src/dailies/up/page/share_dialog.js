// A link to one result, for somebody without an account, until a day that is chosen.

import { call } from "./api.js";
import { element } from "./words.js";

const HOUR = 3600;
const TIMES = [[HOUR, "1 hour"], [24 * HOUR, "1 day"], [7 * 24 * HOUR, "7 days"]];

export function share(job) {
  const time = element("select", { id: "share-time" }, TIMES.map(([seconds, label]) => element("option", { value: seconds, selected: seconds === 24 * HOUR }, label)));
  const address = element("input", { type: "text", readonly: true, id: "share-link", onfocus: () => address.select() });
  const told = element("p", { class: "about", role: "status" });
  const made = element("div", { class: "field", hidden: true }, element("label", { for: "share-link" }, "Link"), address);
  const action = element("button", { type: "button", class: "main", onclick: make }, "Make a link");
  const dialog = element("dialog", { "aria-labelledby": "share-title", onclose: () => dialog.remove() },
    element("h2", { id: "share-title" }, `Share ${job.name}`),
    element("p", { class: "about" }, "Whoever has the link can see and download the results, without an account. It can't be taken back before it ends."),
    element("div", { class: "field" }, element("label", { for: "share-time" }, "Good for"), time), made, told,
    element("div", { class: "tools" }, action, element("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, "Close")));

  async function make() {
    if (address.value) {
      await navigator.clipboard.writeText(address.value).then(() => { told.textContent = "Copied."; }, () => address.select());
      return;
    }
    action.disabled = true;
    try {
      const { url, expiresAt } = await call("shareResult", { jobId: job.jobId, seconds: Number(time.value) });
      address.value = url;
      made.hidden = false;
      time.disabled = true;
      action.textContent = "Copy the link";
      told.textContent = `It ends ${new Date(expiresAt).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })}.`;
      address.focus();
    } catch (error) {
      told.textContent = error.message;
    } finally {
      action.disabled = false;
    }
  }
  document.body.append(dialog);
  dialog.showModal();
}
