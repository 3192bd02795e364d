// Drives the page of `dailies up`: node page.mjs BASE CLIP LONG_CLIP SILENT_CLIP FOLDER. Prints what it saw as JSON.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { chromium } = createRequire(`${process.env.DAILIES_NPM}/`)("playwright-core");
const [base, clip, longClip, silentClip, folder] = process.argv.slice(2);
const seen = { errors: [], overflow: {} };

const browser = await chromium.launch({
  executablePath: process.env.DAILIES_CHROMIUM,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(60_000);
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") seen.errors.push(message.text()); });
  await page.goto(base);
  await page.waitForFunction(() => document.getElementById("uid").textContent === "dev");

  // Cancelled in the middle, by another browser of the same user: the list is the server's.
  await page.setInputFiles("#file", longClip);
  await page.waitForSelector(".job[data-state=processing]");
  const other = await (await browser.newContext()).newPage();
  await other.goto(base);
  await other.click(".job[data-state=processing] button:has-text('Cancel')");
  await page.waitForSelector(".job[data-state=cancelled]");
  await page.click(".job button:has-text('Remove')");

  // Through to the end, over a reload.
  await page.setInputFiles("#file", clip);
  await page.waitForSelector(".job[data-state=queued], .job[data-state=processing], .job[data-state=completed]");
  await page.reload();
  await page.waitForSelector(".job[data-state=completed] .result >> nth=1");
  seen.seals = await page.locator(".seal").allTextContents();
  seen.files = await page.locator(".result-name b").allTextContents();
  seen.plays = await page.locator("audio").evaluate((audio) => {
    audio.muted = true;
    return audio.play().then(() => true, () => false);
  });
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("a.button >> nth=0")]);
  await download.saveAs(`${folder}/${download.suggestedFilename()}`);
  seen.downloaded = [download.suggestedFilename(), readFileSync(`${folder}/${download.suggestedFilename()}`).length];

  // What it can't give is said, and the rest is there.
  await page.setInputFiles("#file", silentClip);
  await page.waitForSelector(".job[data-state=completed] .results .left-out");
  seen.leftOut = await page.locator(".results .left-out").allTextContents();
  seen.besides = await page.locator(".job:has(.left-out) .result-name b").allTextContents();
  await page.screenshot({ path: `${folder}/left-out.png`, fullPage: true });
  for (const [width, height] of [[360, 740], [1280, 800]]) {
    await page.setViewportSize({ width, height });
    seen.overflow[width] = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  }
} finally {
  await browser.close();
}
console.log(JSON.stringify(seen));
