// The page behind a link that was shared: one result, and nothing of whom it belongs to.

import { showResult } from "./result.js";
import { element } from "./words.js";

const $ = (id) => document.getElementById(id);

try {
  // Beside this page, wherever that is: a deployment may have it below a path of its own.
  const answer = await fetch(`../shared/${location.pathname.split("/").pop()}`);
  const found = await answer.json();
  if (found.error) throw new Error(found.error.message);
  $("title").textContent = found.fileName ?? "A result";
  document.title = `${found.fileName ?? "A result"} · Dailies`;
  $("until").textContent = `This link ends ${new Date(found.expiresAt).toLocaleString(undefined, { dateStyle: "long", timeStyle: "short" })}.`;
  $("shared").replaceChildren(await showResult(found));
} catch (error) {
  $("title").textContent = "This link opens nothing";
  $("shared").replaceChildren(element("p", { class: "left-out" }, error instanceof TypeError ? "The server does not answer." : error.message));
}
