// node page.mjs APP BASE KEY FOLDER: the component and the hook in Chromium; prints what was seen. DAILIES_NPM has the packages.

import { createRequire } from "node:module";
import { join } from "node:path";
import { PEAKS, wave } from "../page/uploads.mjs";

const [app, base, key, folder] = process.argv.slice(2);
const require = createRequire(`${process.env.DAILIES_NPM}/`);
const { chromium } = require("playwright-core");
const { source: axe } = require("axe-core");

const [script] = require("esbuild").buildSync({
  stdin: {
    contents: `
      import { createElement } from "react";
      import { createRoot } from "react-dom/client";
      import { Dailies } from "dailies-client";
      import { useDailies } from "dailies-client/react";
      import "dailies-client/uploader";
      const client = new Dailies(${JSON.stringify(`${base}/api/v1`)}, ${JSON.stringify(key)});
      const uploader = document.querySelector("dailies-uploader");
      uploader.converter = client;
      window.told = [];
      for (const name of ["completed", "failed"]) uploader.addEventListener("dailies-" + name, ({ detail }) => told.push([name, detail.job?.status]));
      function Hooked() {
        const { state, progress, job, start } = useDailies(client);
        const onChange = (event) => start(event.target.files[0], uploader.recipe);
        const said = [state, progress?.stage, job?.status].join(" ");
        return createElement("p", null, createElement("input", { type: "file", "aria-label": "file", onChange }), createElement("output", null, said));
      }
      createRoot(document.querySelector("#root")).render(createElement(Hooked));`,
    resolveDir: app,
  },
  bundle: true, format: "esm", write: false, define: { "process.env.NODE_ENV": '"production"' },
}).outputFiles;

const browser = await chromium.launch({
  executablePath: process.env.DAILIES_CHROMIUM,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  const seen = { errors: [], ranges: [], states: [] };
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  await page.route("**/try/", (route) => route.fulfill({
    contentType: "text/html",
    body: `<!doctype html><html lang="en"><title>Try</title><main><h1>Try</h1><dailies-uploader recipe='${PEAKS}'></dailies-uploader><div id="root"></div></main>
      <script type="module" src="all.js"></script>`,
  }));
  await page.route("**/try/all.js", (route) => route.fulfill({ contentType: "text/javascript", body: script.text }));
  // Each piece behind the first waits until it is let go.
  let release = null;
  await page.route("**/resumable/**", async (route) => {
    const range = route.request().headers()["content-range"];
    seen.ranges.push(range);
    if (!/^bytes (\*|0)/.test(range) && release === null) {
      const goes = await new Promise((resolve) => { release = resolve; });
      release = goes === "from now on" ? () => {} : null;
    }
    await route.continue().catch(() => {}); // its page has gone
  });
  const held = async () => { while (release === null) await page.waitForTimeout(5); };
  const file = wave(join(folder, "long.wav"), 1200);
  const row = (state) => page.locator(`dailies-uploader li[data-state=${state}]`).waitFor();
  const pick = async () => { await page.goto(`${base}/try/`); await page.setInputFiles("dailies-uploader input", file); };

  await pick();
  await held();
  await context.setOffline(true);
  release();
  await row("waiting");
  seen.states.push(await page.locator("dailies-uploader [role=status]").textContent());
  await context.setOffline(false);
  await held();
  await page.evaluate(axe);
  seen.violations = await page.evaluate(() => axe.run().then(({ violations }) => violations.map(({ id }) => id)));
  const before = seen.ranges.length;
  release = null;
  await pick(); // after a reload
  await held();
  seen.afterReload = seen.ranges.slice(before);
  await page.click("text=Pause");
  await row("paused");
  release("from now on");
  await page.click("text=Resume");
  await row("ready");
  seen.told = await page.evaluate(() => told);
  await page.setInputFiles("#root input", wave(join(folder, "short.wav"), 1));
  await page.locator("output", { hasText: "ready processing completed" }).waitFor();
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
