// What axe-core has against a page, and what is wider than it, on a phone and a desk, by day and by night.

import { readFileSync } from "node:fs";

const SIZES = [[360, 740], [1280, 800]];

export async function judge(page, state, seen, axe) {
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wider) seen.violations.push(`${state} at ${width}: ${wider} pixels too wide`);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      // Evaluated, not added to the page: its policy lets no script of others in.
      if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(readFileSync(axe, "utf8"));
      // By night only the colours are others.
      const rules = colorScheme === "dark" ? { runOnly: ["color-contrast"] } : {};
      const { violations } = await page.evaluate((options) => window.axe.run({ resultTypes: ["violations"], ...options }), rules);
      for (const { id, nodes } of violations) seen.violations.push(`${state} at ${width}, ${colorScheme}: ${id}: ${nodes[0].html.slice(0, 160)} ${nodes[0].failureSummary}`);
    }
  }
}
