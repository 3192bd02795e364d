// Every kind with its options, and the recipe as it is written.

export async function recipes({ open, seen, judge }) {
  const page = await open();
  await page.click("#options summary");
  await page.click("#recipe-box > summary");
  const verdict = () => page.textContent("#recipe-verdict");
  const settled = (pattern) => page.waitForFunction((source) => new RegExp(source).test(document.getElementById("recipe-verdict").textContent), pattern);
  const recipe = async () => JSON.parse(await page.inputValue("#recipe"));

  const kinds = await page.locator("#add-output option").evaluateAll((options) => options.map((option) => option.value).filter(Boolean));
  await page.fill("#recipe", '{"outputs": {}}');
  for (const kind of kinds) await page.selectOption("#add-output", kind);
  await settled("valid");
  seen.recipes = { kinds, made: Object.values((await recipe()).outputs).map((output) => output.kind), verdict: await verdict() };
  await judge(page, "every kind");

  // A field of a form is one of the recipe's, and its default is not spelled out.
  await page.fill("#recipe", '{"outputs": {"a": {"kind": "audio", "format": "mp3"}}}');
  await page.click("[data-output=a] summary");
  await page.locator("[data-output=a]").getByLabel("Start", { exact: true }).fill("1.5");
  await page.locator("[data-output=a]").getByLabel("Quality", { exact: true }).selectOption("low");
  await page.locator("[data-output=a]").getByLabel("Metadata", { exact: true }).selectOption("strip");
  await page.locator("[data-output=a]").getByLabel("Metadata", { exact: true }).selectOption("keep");
  seen.recipes.filled = (await recipe()).outputs.a;

  await page.fill("#recipe", '{"outputs": {"a": {"kind": "audio", "format": "mp4"}}}');
  await settled("outputs.a.format");
  seen.recipes.wrong = await verdict();
  await judge(page, "a wrong recipe");
  for (const odd of ["{", "[]", '{"outputs": [1]}', '{"outputs": {"a": null}}', '{"outputs": {"a": {"kind": 5}}}']) await page.fill("#recipe", odd);
  await settled("outputs.a");
  await page.fill("#recipe", '{"outputs": {"a": {"kind": "audio", "format": "flac"}}}');
  await settled("valid");
  await page.reload();
  await page.waitForSelector("#outputs input");
  seen.recipes.kept = (await recipe()).outputs.a.format;
  await page.context().close();
}
