// node page.mjs APP BASE KEY FOLDER: the component and the hook in Chromium; prints what was seen. DAILIES_NPM has the packages.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { wave } from "../page/uploads.mjs";

const [app, base, key, folder] = process.argv.slice(2);
const require = createRequire(`${process.env.DAILIES_NPM}/`);
const { chromium } = require("playwright-core");
const { source: axe } = require("axe-core");

// The page's own lines, with another address and credential.
const readme = readFileSync(join(app, "node_modules", "dailies-client", "README.md"), "utf8");
const [, element, lines] = /^```html\n(.*?)<script type="module">(.*?)<\/script>/ms.exec(readme);
const [, jsx] = /^```jsx\n(.*?)^```/ms.exec(readme);
const asked = /"https:.*?"|\(\) => user.getIdToken\(\)/g;
const [script] = require("esbuild").buildSync({
  stdin: {
    contents: `
      import { createRoot } from "react-dom/client";
      ${lines.replace(asked, (found) => JSON.stringify(found.startsWith("(") ? key : `${base}/api/v1`))}
      ${jsx}
      window.told = [];
      uploader.addEventListener("dailies-completed", ({ detail }) => told.push([detail.file.name, detail.job.status]));
      const { recipe } = uploader;
      createRoot(document.querySelector("#root")).render(<Podcast client={uploader.converter} />);`,
    loader: "jsx", resolveDir: app,
  },
  bundle: true, format: "esm", jsx: "automatic", write: false, define: { "process.env.NODE_ENV": '"production"' },
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
    body: `<!doctype html><html lang="en"><title>Try</title><main><h1>Try</h1>${element}<div id="root"></div></main>
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
  seen.locks = await page.evaluate(() => navigator.locks.query().then(({ held }) => held.length));
  release("from now on");
  await page.click("text=Resume");
  await row("ready");
  seen.told = await page.evaluate(() => told);
  await page.setInputFiles("#root input", wave(join(folder, "short.wav"), 1));
  await page.locator("#root", { hasText: /ready 100 % \w+/ }).waitFor();
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
