// Many files at once, an upload that a reload breaks off, and a second try.

import { writeFileSync } from "node:fs";
import { join } from "node:path";

const PIECE = 8 * 1024 * 1024;
export const PEAKS = '{"outputs": {"peaks": {"kind": "waveform", "format": "json", "optional": true}}}';

// Silence with a name: its header, and zeros.
export function wave(path, seconds, rate = 8000) {
  const made = Buffer.alloc(44 + seconds * rate * 2);
  made.write("RIFF", 0); made.writeUInt32LE(made.length - 8, 4); made.write("WAVEfmt ", 8); made.writeUInt32LE(16, 16);
  made.writeUInt16LE(1, 20); made.writeUInt16LE(1, 22); made.writeUInt32LE(rate, 24); made.writeUInt32LE(rate * 2, 28);
  made.writeUInt16LE(2, 32); made.writeUInt16LE(16, 34); made.write("data", 36); made.writeUInt32LE(made.length - 44, 40);
  writeFileSync(path, made);
  return path;
}

export async function uploads({ open, seen, folder, judge }) {
  const page = await open("/", /429|ERR_FAILED|40[34]/);
  await page.uncheck("#previews");
  await page.click("#recipe-box > summary");
  await page.fill("#recipe", PEAKS);
  seen.uploads = { ranges: [], dialogs: [] };

  // More than the server has places for: they wait for their turn, and none is lost.
  const many = Array.from({ length: 7 }, (_, index) => wave(join(folder, `take ${index}.wav`), 1 + index));
  const refused = [];
  page.on("response", async (answer) => { if (answer.url().endsWith("/createUpload") && !answer.ok()) refused.push((await answer.json()).error.details.code); });
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  const calls = new Set();
  await page.route("**/createUpload", async (route) => {
    await held;
    const call = route.fetch().then((answer) => route.fulfill({ response: answer }));
    calls.add(call);
    await call;
  });
  await page.setInputFiles("#file", many);
  await page.waitForSelector(".job[data-state=preparing]");
  seen.uploads.waiting = await page.locator(".job[data-state=waiting]").count();
  await judge(page, "a queue");
  // What the list tells may be older than what the page knows by then.
  await page.route("**/operations?*", async (route) => {
    const answer = await route.fetch();
    await Promise.all(calls);
    await route.fulfill({ response: answer }).catch(() => {});
  });
  release();
  const takes = page.locator(".job[data-state=completed] .job-name b", { hasText: "take" });
  await takes.nth(many.length - 1).waitFor();
  seen.uploads.order = await page.locator(".job-name b").allTextContents();
  await page.unroute("**/operations?*");
  seen.uploads.refused = [...new Set(refused)];
  // Several changes are told at once, a little later.
  await page.waitForFunction(() => /ready/i.test(document.getElementById("said").textContent));
  seen.uploads.said = await page.textContent("#said");
  await page.click("#clear-ended");

  // Broken off behind the first piece.
  const [long] = [wave(join(folder, "long.wav"), 1200)];
  await page.route("**/resumable/**", (route) => {
    const range = route.request().headers()["content-range"];
    return range.startsWith("bytes 0-") ? route.continue() : route.abort();
  });
  await page.setInputFiles("#file", long);
  await page.waitForSelector(".job[data-state=paused], .job .detail:has-text('43 %')");
  await page.waitForSelector(".job[data-state=paused]");
  page.on("dialog", (dialog) => { seen.uploads.dialogs.push(dialog.type()); dialog.accept(); });
  await page.reload();
  await page.waitForSelector(".job[data-state=interrupted]");
  await judge(page, "an interrupted upload");
  await page.unroute("**/resumable/**");
  page.on("request", (request) => { if (request.url().includes("/resumable/")) seen.uploads.ranges.push(request.headers()["content-range"].split("/")[0]); });
  await page.setInputFiles("#file", long);
  await page.waitForSelector(".job[data-state=completed]");
  seen.uploads.jobs = await page.locator(".job").count();
  seen.uploads.piece = PIECE;

  // A page stays open for days, and downloads what it has seen before.
  const tab = await open("/", null, page.context());
  seen.uploads.asked = 0;
  tab.on("request", (request) => { if (request.url().endsWith("/getResult")) seen.uploads.asked += 1; });
  for (const hours of [0, 1, 13]) {
    await tab.clock.setFixedTime(Date.now() + hours * 3_600_000);
    await Promise.all([tab.waitForEvent("download"), tab.click(".job button[aria-label^=Download]")]);
  }
  await tab.close();
  await page.click(".job button[aria-label^=Clear]");

  // What can't be read fails, and is tried again from the server's copy.
  writeFileSync(join(folder, "noise.wav"), Buffer.alloc(4000, 7));
  await page.setInputFiles("#file", join(folder, "noise.wav"));
  await page.waitForSelector(".job[data-state=failed]");
  seen.uploads.bars = await page.locator(".job .track:visible").count();
  await judge(page, "a failed job");
  const first = await page.getAttribute(".job", "data-job");
  await page.click(".job button[aria-label^=Retry]");
  await page.waitForFunction((before) => { const job = document.querySelector(".job"); return job && job.dataset.job !== before && job.dataset.state === "failed"; }, first);
  seen.uploads.again = await page.locator(".job").count();
  await page.context().close();
}
