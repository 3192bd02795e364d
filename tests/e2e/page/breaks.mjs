// Uploads that are broken by their own user: another tab of the same browser, a file that is still being written.

import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { PEAKS, wave } from "./uploads.mjs";

const LONG_SECONDS = 1200; // three pieces

export async function breaks({ open, seen, folder }) {
  const page = await open("/", /ERR_UPLOAD_FILE_CHANGED|499/);
  await page.uncheck("#previews");
  await page.click("#recipe-box > summary");
  await page.fill("#recipe", PEAKS);
  const states = async (each) => Object.fromEntries(await each.$$eval(".job", (rows) => rows.map((row) => [row.querySelector("b").textContent, row.dataset.state])));
  const row = (each, name, state) => each.locator(`.job[data-state=${state}]`, { hasText: name }).waitFor();
  seen.breaks = {};

  // What stands behind the first piece is held until it is let go.
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  const hold = (each) => each.route("**/resumable/**", async (route) => {
    if (!route.request().headers()["content-range"]?.startsWith("bytes 0-")) await held;
    await route.continue().catch(() => {});
  });
  const begin = async (each, name) => {
    await hold(each);
    const path = wave(join(folder, name), LONG_SECONDS);
    const second = each.waitForRequest((request) => request.headers()["content-range"]?.startsWith("bytes 8388608-"));
    await each.setInputFiles("#file", path);
    await second;
    return path;
  };
  const beside = await open("/", /499/, page.context());
  await begin(page, "of one tab.wav");
  await begin(beside, "of another tab.wav");
  const late = await open("/", null, page.context());
  await late.waitForFunction(() => document.querySelectorAll(".job").length >= 2);
  seen.breaks.late = await states(late);
  page.on("dialog", (dialog) => dialog.accept());
  await page.reload();
  await row(page, "of one tab.wav", "interrupted");
  seen.breaks.reloaded = await states(page);
  const broken = page.locator(".job", { hasText: "of one tab.wav" });
  await broken.locator(".job-open").click();
  seen.breaks.told = await broken.locator(".job-body").textContent();
  await beside.click(".job button[aria-label='Cancel of another tab.wav']");
  await row(beside, "of another tab.wav", "cancelled");

  const growing = await begin(page, "growing.wav");
  appendFileSync(growing, "more");
  release();
  await row(page, "growing.wav", "failed");
  seen.breaks.grown = await page.locator(".job[data-state=failed]", { hasText: "growing.wav" }).locator(".problem").textContent();
  seen.breaks.connection = await page.textContent("#connection-text");
  await page.context().close();
}
