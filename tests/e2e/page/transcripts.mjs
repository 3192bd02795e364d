// A job that has a transcript, as a server would tell it: nobody has to listen for it.

const TIME = "2026-11-30T12:00:00Z";
const LISTED = {
  jobId: "said1", status: "completed", progress: 100, message: "", operationType: "transcript", fileName: "talk.mp4", sizeBytes: 5_000_000,
  startTime: TIME, lastUpdate: TIME, steps: {},
};
const OUTPUT = { kind: "transcript", bytes: 900, duration_seconds: 70, files: [], checks: [{ name: "coverage", passed: true, measured: "100 %", expected: "95 %" }], sha256: "0".repeat(64) };
const SAID = {
  language: "de", engine: "faster-whisper", model: "base", remarks: [{ kind: "no_words", message: "For 4 s nothing was understood.", start: 60, end: 64 }],
  segments: [{ text: "<b>Guten</b> Morgen.", start: 1.2, end: 2 }, { text: "Auch von mir.", start: 65.4, end: 66, speaker: "Anna" }],
};
const FILES = { said: ["talk-said.json", "application/json", JSON.stringify(SAID)], plain: ["talk-plain.txt", "text/plain; charset=utf-8", "Guten Morgen.\nAuch von mir.\n"] };

export async function transcripts({ base, open, seen, judge }) {
  const page = await open(null);
  await page.route("**/operations?*", (route) => route.fulfill({ json: { operations: [] } }));
  await page.route("**/operations", (route) => route.fulfill({ json: { operations: [LISTED] } }));
  const names = Object.keys(FILES);
  const downloads = Object.fromEntries(names.map((name) => [name, { url: `${base}/said/${name}?`, fileName: FILES[name][0], mediaType: FILES[name][1], expiresAt: "2999-01-01T00:00:00Z", files: {} }]));
  const result = { outputs: Object.fromEntries(names.map((name) => [name, OUTPUT])), left_out: {} };
  await page.route("**/getResult", (route) => route.fulfill({ json: { result: { result, downloads } } }));
  await page.route("**/said/*", (route) => {
    const [, contentType, body] = FILES[new URL(route.request().url()).pathname.split("/").pop()];
    return route.fulfill({ contentType, body });
  });
  await page.goto(base);
  await page.click(".job-open");
  await page.waitForSelector(".lines time");
  await page.waitForFunction(() => document.querySelectorAll(".lines li").length === 4);
  seen.transcripts = { lines: await page.locator(".lines li").allTextContents(), about: await page.locator(".transcript .about").allTextContents(),
    seals: await page.locator(".seal").allTextContents() };
  await judge(page, "a transcript");
  await page.context().close();
}
