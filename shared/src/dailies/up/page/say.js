// What is said: to those who hear the page, when a state changes; to those who see it, when something needs them.

import { count, element } from "./words.js";

const GATHER_MS = 700, MOST = 3;
const heard = document.getElementById("said");
let waiting = [], timer = null;

// A batch that ends together is one sentence.
export function say(sentence, word) {
  waiting.push([sentence, word]);
  timer ??= setTimeout(() => {
    const words = waiting.map(([, each]) => each).filter(Boolean);
    const many = waiting.length > MOST && words.length === waiting.length;
    heard.textContent = many
      ? [...new Set(words)].map((each) => `${count(words.filter((other) => other === each).length, "job")} ${each}`).join(", ")
      : waiting.map(([each]) => each).join(". ");
    waiting = [];
    timer = null;
  }, GATHER_MS);
}

// A notice stays until its own cause is gone.
export function tell(text, cause) {
  const notice = document.getElementById("notice");
  if (text === null && notice.dataset.cause !== cause) return;
  notice.dataset.cause = cause;
  notice.textContent = text ?? "";
  notice.hidden = text === null;
}

let gone = null;

export function toast(text, action = null) {
  const place = document.getElementById("toast");
  clearTimeout(gone);
  const hide = () => { place.hidden = true; place.replaceChildren(); };
  const button = action && element("button", { type: "button", onclick: () => { hide(); action.run(); } }, action.label);
  place.replaceChildren(element("span", {}, text), ...(button ? [button] : []));
  place.hidden = false;
  gone = setTimeout(hide, action ? 8000 : 4000);
}
