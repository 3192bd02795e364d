// Drives the page of `dailies up` in one browser: node drive.mjs BASE FOLDER CLIPS. CLIPS is JSON of paths by name.
// Prints what it saw as JSON.

import { createRequire } from "node:module";
import { inspect } from "node:util";
import { judge } from "./axe.mjs";
import { breaks } from "./breaks.mjs";
import { files } from "./files.mjs";
import { overview } from "./overview.mjs";
import { recipes } from "./recipes.mjs";
import { transcripts } from "./transcripts.mjs";
import { uploads } from "./uploads.mjs";

const require = createRequire(`${process.env.DAILIES_NPM}/`);
const { chromium } = require("playwright-core");
const [base, folder, clips] = process.argv.slice(2);
const seen = { errors: [], violations: [], seconds: {} };

const browser = await chromium.launch({
  executablePath: process.env.DAILIES_CHROMIUM,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});

// A page of a browser of its own or another tab, at `path` or nowhere yet; what its console says is told, but for what is `expected`.
async function open(path = "/", expected = null, context = null) {
  const page = await (context ?? await browser.newContext({ acceptDownloads: true })).newPage();
  page.setDefaultTimeout(60_000);
  // What is nothing to a program is nothing that a page says, nor are the marks of our own docstrings.
  await page.addInitScript(() => new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      for (const text of [target, ...addedNodes].filter((node) => node.nodeType === Node.TEXT_NODE || node.childElementCount === 0)) {
        if (/\b(null|undefined|NaN)\b|\[object |``/.test(text.textContent)) console.error(`The page says: ${text.textContent.slice(0, 200)}`);
      }
    }
  }).observe(document, { childList: true, characterData: true, subtree: true }));
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" && !expected?.test(message.text())) seen.errors.push(`${message.text()} ${message.location().url}`);
  });
  if (path !== null) await page.goto(`${base}${path}`);
  // Its modules are there when it has signed in.
  if (path === "/") await page.waitForFunction(() => document.getElementById("uid").textContent === "dev");
  return page;
}

const about = { seen, open, base, folder, clips: JSON.parse(clips), judge: (page, state) => judge(page, state, seen, require.resolve("axe-core/axe.min.js")) };
try {
  for (const part of [overview, transcripts, recipes, uploads, files, breaks]) {
    const begun = Date.now();
    await part(about).catch((error) => { throw new Error(`${part.name}: ${inspect(error)}`); });
    seen.seconds[part.name] = (Date.now() - begun) / 1000;
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
