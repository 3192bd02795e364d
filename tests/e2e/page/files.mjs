// From the drop to what is played, heard beside its source, downloaded and shared.

import { readFileSync } from "node:fs";
import { join } from "node:path";

export async function files({ open, seen, clips, folder, judge }) {
  const page = await open("/", /40[34]/);
  seen.files = {};

  // Cancelled in the middle, by another browser of the same user: the list is the server's.
  await page.setInputFiles("#file", clips.long);
  await page.waitForSelector(".job[data-state=processing]");
  const other = await open();
  await other.click(".job[data-state=processing] button[aria-label^=Cancel]");
  await other.context().close();
  await page.waitForSelector(".job[data-state=cancelled]");
  await page.click(".job[data-state=cancelled] button[aria-label^=Clear]");

  // Through to the end, over a reload.
  await page.setInputFiles("#file", clips.busy);
  await page.waitForSelector(".job:has-text('busy'):is([data-state=queued], [data-state=processing], [data-state=completed])");
  await page.reload();
  await page.waitForSelector(".job[data-state=completed]:has-text('busy') .poster img");
  await page.click(".job:has-text('busy') .job-open");
  await page.waitForSelector(".result >> nth=1");
  seen.files.seals = await page.locator(".seal").allTextContents();
  seen.files.names = await page.locator(".result-name b").allTextContents();

  // Its player: where one is can be heard, seen and told.
  const audio = page.locator(".player.audio"), line = audio.locator(".timeline");
  await audio.locator(".play").click();
  await page.waitForFunction(() => document.querySelector(".player.audio audio").currentTime > 0);
  await audio.locator(".play").click();
  await line.press("End");
  seen.files.end = await line.getAttribute("aria-valuetext");
  seen.files.drawn = await audio.locator("canvas").evaluate((canvas) => new Set(canvas.getContext("2d").getImageData(0, 0, canvas.width, 6).data).size > 1
    || new Set(canvas.getContext("2d").getImageData(0, canvas.height / 2 - 12, canvas.width, 1).data).size > 1);
  await page.locator(".player.video .timeline").hover();
  seen.files.seekPicture = await page.locator(".player.video .seek-picture").evaluate((picture) => getComputedStyle(picture).backgroundImage.startsWith("url("));
  seen.files.poster = await page.locator(".player.video video").evaluate((video) => video.poster !== "");
  await audio.getByLabel("Before").check();
  await page.waitForSelector(".player.audio .compare-note:not(:empty)");
  seen.files.compared = await audio.locator(".compare-note").textContent();
  seen.files.volumes = await audio.locator("audio").evaluateAll((sides) => sides.map((side) => side.volume));
  await page.click(".result details summary:has-text('Certificate') >> nth=0");
  await judge(page, "a result");

  const [download] = await Promise.all([page.waitForEvent("download"), page.click(".result a.button >> nth=0")]);
  await download.saveAs(join(folder, download.suggestedFilename()));
  seen.files.downloaded = [download.suggestedFilename(), readFileSync(join(folder, download.suggestedFilename())).length];
  const [archive] = await Promise.all([page.waitForEvent("download"), page.click("button:has-text('All files')")]);
  await archive.saveAs(join(folder, "all.zip"));

  // A link opens it to whoever has it, and another one to nobody.
  await page.click("button:has-text('Share a link')");
  await judge(page, "sharing");
  await page.click("dialog button:has-text('Make a link')");
  await page.waitForSelector("#share-link:visible");
  const link = await page.inputValue("#share-link");
  await page.click("dialog button:has-text('Close')");
  const guest = await open(new URL(link).pathname, /403/);
  await guest.waitForSelector(".result >> nth=1");
  seen.files.shared = await guest.locator(".result-name b").allTextContents();
  seen.files.guest = await guest.locator(".compare, .tools").count();
  await judge(guest, "a shared result");
  await guest.goto(`${link.slice(0, -1)}${link.endsWith("A") ? "B" : "A"}`);
  await guest.waitForSelector(".left-out");
  seen.files.tampered = await guest.textContent("#shared");
  await guest.context().close();

  // Other outputs of the same source, without an upload: what it can't give is said.
  await page.click("button:has-text('Other outputs')");
  await judge(page, "other outputs");
  await page.click("#again-leave");
  await page.setInputFiles("#file", clips.silent);
  await page.waitForSelector(".job[data-state=completed] .results .left-out");
  seen.files.leftOut = await page.locator(".results .left-out").allTextContents();
  seen.files.besides = await page.locator(".job:has(.results .left-out) .result-name b").allTextContents();
  await page.context().close();
}
