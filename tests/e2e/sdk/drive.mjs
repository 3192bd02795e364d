// node drive.mjs node|chromium CONFIG: runs client.mjs there. The file that came back goes to config.output; what was
// seen on the way is printed as JSON. DAILIES_NPM names the folder that has the packages.

import { createRequire } from "node:module";
import { createServer } from "node:http";
import { openAsBlob, readFileSync, writeFileSync } from "node:fs";
import { uploadAndWait } from "./client.mjs";

const [where, told] = process.argv.slice(2);
const config = JSON.parse(told);
const packages = process.env.DAILIES_NPM;
const require = createRequire(`${packages}/`);
const MODULES = ["app", "auth", "firestore", "functions"];
// What the SDK's builds for browsers import each other from.
const CDN = /^https:\/\/www\.gstatic\.com\/firebasejs\/[^/]+\/(firebase-[a-z]+\.js)$/;

async function inNode() {
  const sdk = Object.assign({}, ...MODULES.map((name) => require(`firebase/${name}`)));
  const { seen, file } = await uploadAndWait(sdk, config, await openAsBlob(config.source));
  writeFileSync(config.output, file);
  return seen;
}

async function inChromium() {
  const { chromium } = require("playwright-core");
  // A server of its own, as an app has: Chromium lets only pages from this machine talk to this machine.
  const server = createServer((request, response) => {
    const script = request.url.endsWith(".mjs");
    response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
    response.end(script ? readFileSync(new URL("client.mjs", import.meta.url)) : "<!doctype html><input type=file>");
  });
  await new Promise((resolve) => server.listen(Number(new URL(config.origin).port), "127.0.0.1", resolve));
  const browser = await chromium.launch({
    executablePath: process.env.DAILIES_CHROMIUM,
    args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  });
  try {
    const page = await browser.newPage();
    const javascript = (path) => ({ contentType: "text/javascript", body: readFileSync(path), headers: { "Access-Control-Allow-Origin": "*" } });
    await page.route(CDN, (route) => route.fulfill(javascript(`${packages}/node_modules/firebase/${route.request().url().match(CDN)[1]}`)));
    page.on("console", (message) => { if (message.type() === "error") process.stderr.write(`${message.text()}\n`); });
    await page.goto(`${config.origin}/`);
    await page.setInputFiles("input", config.source);
    const version = require("firebase/package.json").version;
    const { seen, file } = await page.evaluate(async ({ config, modules, version }) => {
      const found = await Promise.all(modules.map((name) => import(`https://www.gstatic.com/firebasejs/${version}/firebase-${name}.js`)));
      const { uploadAndWait } = await import("/client.mjs");
      const made = await uploadAndWait(Object.assign({}, ...found), config, document.querySelector("input").files[0]);
      return { seen: made.seen, file: Array.from(made.file) };
    }, { config, modules: MODULES, version });
    writeFileSync(config.output, Buffer.from(file));
    return seen;
  } finally {
    await browser.close();
    server.close();
  }
}

console.log(JSON.stringify(await { node: inNode, chromium: inChromium }[where]()));
process.exit(0);
