// A list of two hundred jobs in every state, as a server would tell it.

const STATES = ["completed", "completed", "completed", "failed", "processing", "queued", "awaiting_upload", "cancelled", "expired"];
const DAY = 86_400_000;

function operation(index) {
  const time = new Date(Date.now() - DAY - index * 60_000).toISOString(), status = STATES[index % STATES.length];
  return {
    jobId: `job${index}`, status, progress: status === "completed" ? 100 : 40, message: "", operationType: "audio",
    fileName: index === 30 ? "<img src=x onerror=alert(1)>.wav" : `episode ${index}.wav`, sizeBytes: 5_000_000, startTime: time, lastUpdate: time,
    steps: { probe: { status: "done", progress: 100 }, podcast: { status: "running", progress: 40 } }, ...(status === "processing" && { stage: "podcast" }),
    ...(status === "failed" && { failedAt: time, error: { code: "decode_failed", message: "The media is damaged: export it again." } }),
    ...(index === 0 && { leftOut: { web: { code: "hdr_source", message: "HDR input." } } }),
  };
}

export async function overview({ base, open, seen, judge }) {
  const page = await open(null, /ERR_FAILED/);
  const listed = Array.from({ length: 214 }, (_, index) => operation(index));
  let cleared = null;
  await page.route("**/operations?*", (route) => route.fulfill({ json: { operations: [] } }));
  await page.route("**/operations", (route) => route.fulfill({ json: { operations: listed } }));
  await page.route("**/clearJobs", (route) => {
    cleared = route.request().postDataJSON().data;
    return route.fulfill({ json: { result: { jobIds: cleared.jobIds } } });
  });
  await page.goto(base);
  await page.waitForSelector(".job");
  const names = () => page.locator(".job-name b").allTextContents();
  const figures = () => page.locator("#filters small").allTextContents();
  seen.overview = { rows: (await names()).length, range: await page.textContent("#range"), figures: await figures() };
  seen.overview.bars = await page.locator(".job:not([data-state=processing]) .track:visible").count();
  seen.overview.live = await page.locator("#jobs[aria-live], #jobs [aria-live]").count();
  seen.overview.toneMap = await page.locator(".job button:has-text('Map to SDR')").count();
  await judge(page, "overview");

  await page.click("#next");
  seen.overview.second = (await names())[10];
  await page.check("#filters input[value=failed]");
  seen.overview.failed = [await page.textContent("#range"), new URL(page.url()).hash];
  seen.overview.reasons = await page.locator(".problem:visible").count();
  await page.fill("#search", "episode 3.");
  seen.overview.found = await names();
  await page.fill("#search", "");
  await page.check("#filters input[value=ready]");
  await page.click("#clear-ended");
  await page.waitForSelector("#toast button");
  seen.overview.cleared = [cleared.jobIds.length, await page.textContent("#toast span"), await figures()];

  // The server is away, and comes back.
  await page.unroute("**/operations?*");
  await page.route("**/operations?*", (route) => route.abort());
  await page.waitForSelector("#connection[data-state=down]");
  await judge(page, "no connection");
  seen.overview.away = await page.textContent("#connection-text");
  await page.unroute("**/operations?*");
  await page.route("**/operations?*", (route) => route.fulfill({ json: { operations: [] } }));
  await page.waitForSelector("#connection[data-state=up]");
  await page.context().close();
}
