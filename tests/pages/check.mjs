// SPDX-License-Identifier: MIT
// Opens pages in a real browser, from disk (file://) and from a server, and prints one line for
// each page and check. Exit code 0: all pass, 1: at least one fails.
//     node check.mjs PAGE...      needs `npm ci` in this folder, and Chromium
//     node check.mjs --missing    prints what is missing for that, if anything
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const kMostBytes = 300_000;
const kMostBytesOfBook = 1_000_000; // all lessons with their pictures
const kWidths = [390, 1280]; // of a phone and of a projector, in pixels
const kLegible = 10; // pixels: no label of a picture may be set smaller, at any width
const kRenewed = 4000; // milliseconds, in which a page that refreshes every 2 s has done so

const packages = join(dirname(fileURLToPath(import.meta.url)), "node_modules");

function findBrowser() {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    for (const folder of (process.env.PATH ?? "").split(":")) {
      if (folder && existsSync(join(folder, name))) return join(folder, name);
    }
  }
  return null;
}

function missing() {
  const list = [];
  if (!existsSync(join(packages, "playwright-core")) || !existsSync(join(packages, "axe-core"))) {
    list.push("tests/pages/node_modules (npm ci --prefix tests/pages)");
  }
  if (!findBrowser()) list.push("a browser (chromium, chromium-browser or google-chrome)");
  return list;
}

// --- the checks ----------------------------------------------------------------------------------

// Collects the errors of a page, and its requests for anything but itself, from its opening on.
function watch(page, address) {
  const seen = { errors: [], strangers: [], loads: 0 };
  page.on("console", (message) => {
    if (message.type() === "error") seen.errors.push(message.text());
  });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => {
    const url = request.url();
    const itself = url.split(/[?#]/)[0] === address;
    if (!itself && !url.startsWith("data:")) seen.strangers.push(url.slice(0, 100));
  });
  page.on("load", () => ++seen.loads);
  return seen;
}

// A page may refresh itself in the middle of a question, which is then asked again: more often where
// the machine is busy, and a question takes longer than the 2 s between two refreshes.
async function ask(page, question, argument) {
  for (let left = 20; ; --left) {
    try {
      return await page.evaluate(question, argument);
    } catch (error) {
      if (left === 0 || !/context was destroyed|navigation/i.test(String(error))) throw error;
      await page.waitForLoadState();
    }
  }
}

// axe-core's options. Of all its rules, only that of contrast can tell dark from light.
const kRules = {
  light: { rules: { "meta-refresh": { enabled: false } } },
  dark: { runOnly: ["color-contrast"] },
};

// axe-core's findings. A refresh is not one of them: the reader can stop it, see holds().
async function violations(page, axe, options) {
  const found = await ask(
    page,
    async ([source, options]) => {
      if (!window.axe) (0, eval)(source);
      const result = await window.axe.run(document, options);
      return result.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)}`);
    },
    [axe, options],
  );
  return found;
}

// The labels of all pictures that can be seen: those that are set too small, and those of which a
// part lies outside the picture and is cut off.
const labels = (least) => {
  const small = [];
  const cut = [];
  for (const label of document.querySelectorAll("svg text")) {
    const box = label.getBoundingClientRect();
    if (box.width === 0 || box.height === 0) continue;
    const { a, b } = label.getScreenCTM(); // its scale is sqrt(a a + b b), turned or not
    const size = parseFloat(getComputedStyle(label).fontSize) * Math.hypot(a, b);
    const words = `"${label.textContent.slice(0, 20)}" of ${label.ownerSVGElement.classList[0]}`;
    if (size < least - 0.05) small.push(`${words}: ${size.toFixed(1)} px`);
    const paper = label.ownerSVGElement.getBoundingClientRect();
    const out = Math.max(
      paper.left - box.left, box.right - paper.right, paper.top - box.top, box.bottom - paper.bottom);
    if (out > 1) cut.push(`${words}: ${out.toFixed(0)} px`);
  }
  return { small: small.slice(0, 5), cut: cut.slice(0, 5) };
};

// On paper: what a book shows as an answer, and on what colour.
const printed = () => ({
  hidden: [...document.querySelectorAll("details")]
    .map((answer) => answer.querySelector(":scope > :not(summary)"))
    .filter((inside) => !inside.checkVisibility() || inside.getBoundingClientRect().height === 0)
    .map((inside) => inside.textContent.slice(0, 30)),
  ground: getComputedStyle(document.body).backgroundColor,
});

const contents = () => ({
  headings: [...document.querySelectorAll("h1, h2")].filter((h) => h.innerText.trim()).length,
  pictures: [...document.querySelectorAll("svg")].filter((picture) => {
    const box = picture.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  }).length,
  // A book has answers, and a report has facts.
  [document.querySelector("article") ? "answers" : "facts"]: [...document.querySelectorAll(
    document.querySelector("article") ? "article summary" : "th[scope=row] + td")]
    .filter((f) => f.innerText.trim()).length,
});

const delay = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// The page refreshes itself until somebody follows the link "hold"; from then on, what is unfolded
// stays unfolded.
async function holds(page, seen) {
  const faults = [];
  const before = seen.loads;
  await delay(kRenewed);
  if (seen.loads === before) faults.push(`not refreshed within ${kRenewed} ms`);
  await page.click('a[href^="?hold"]');
  await page.waitForLoadState();
  const folded = page.locator("details:visible").first();
  if (await folded.count()) await folded.evaluate((details) => (details.open = true));
  const held = seen.loads;
  await delay(kRenewed);
  if (seen.loads !== held) faults.push("refreshed although it was held");
  if ((await folded.count()) && !(await folded.evaluate((details) => details.open)))
    faults.push("an unfolded part was folded again");
  return faults;
}

// Of several moments in one place, only the one whose link was followed is visible.
async function chooses(page, link) {
  const wanted = (await link.getAttribute("href")).split("#")[1];
  await link.click();
  await page.waitForLoadState();
  const seen = await page.locator(".moment:visible").evaluateAll((all) => all.map((m) => m.id));
  return seen.join() === wanted ? [] : [`followed the link to ${wanted}, visible: ${seen.join()}`];
}

// --- all checks of one page ----------------------------------------------------------------------

async function check(browser, axe, path, report) {
  const bytes = readFileSync(path);
  const book = bytes.includes("<article");
  report("size", bytes.length < (book ? kMostBytesOfBook : kMostBytes) ? [] : [`${bytes.length} bytes`]);
  const refreshing = bytes.includes('http-equiv="refresh"');

  // The server keeps serving the page as it was at the start; by file:// the page is live.
  const server = createServer((request, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(bytes);
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const addresses = {
    file: pathToFileURL(path).href,
    http: `http://127.0.0.1:${server.address().port}/${encodeURIComponent(basename(path))}`,
  };
  if (book) delete addresses.http; // axe-core takes seconds on so long a page

  for (const [way, address] of Object.entries(addresses)) {
    // In a fresh context; `settings` are Playwright's.
    const open = async (settings, visit) => {
      const context = await browser.newContext(settings);
      // Nothing leaves this machine: a request to anywhere else is recorded and aborted.
      await context.route(
        (url) => !["file:", "data:"].includes(url.protocol) && url.hostname !== "127.0.0.1",
        (route) => route.abort(),
      );
      const page = await context.newPage();
      const seen = watch(page, address);
      await page.goto(address);
      await visit(page, seen);
      await context.close();
    };
    await open({}, async (page, seen) => {
      const { pictures } = await ask(page, contents);
      report(`${way}: pictures`, pictures > 0 ? [] : ["no picture has a size"]);
      for (const [colorScheme, options] of Object.entries(kRules)) {
        await page.emulateMedia({ colorScheme });
        report(`${way}: accessible, ${colorScheme}`, await violations(page, axe, options));
      }
      for (const width of kWidths) {
        await page.setViewportSize({ width, height: 844 });
        const wide = await ask(page, () => document.documentElement.scrollWidth);
        report(`${way}: fits ${width} px`, wide <= width ? [] : [`${wide} px wide`]);
        const { small, cut } = await ask(page, labels, kLegible);
        report(`${way}: labels at ${width} px`, [...small, ...cut.map((c) => `cut off: ${c}`)]);
      }
      report(`${way}: no errors`, seen.errors);
      report(`${way}: no requests`, seen.strangers);
      if (book) {
        await page.emulateMedia({ media: "print", colorScheme: "dark" });
        const { hidden, ground } = await ask(page, printed);
        const white = ground === "rgb(255, 255, 255)";
        report(`${way}: printed`, [...hidden, ...(white ? [] : [`on ${ground}`])]);
      }
    });
    await open({ javaScriptEnabled: false }, async (page, seen) => {
      const there = await ask(page, contents);
      const absent = Object.keys(there).filter((what) => there[what] === 0);
      const faults = [...absent.map((what) => `no ${what}`), ...seen.errors, ...seen.strangers];
      report(`${way}: without script`, faults);
      const link = page.locator(".moment:visible a").first();
      if (await link.count()) report(`${way}: moments`, await chooses(page, link));
    });
    // From disk only: nobody serves a run that is still going.
    if (refreshing && way === "file") {
      await open({}, async (page, seen) => report(`${way}: renewed`, await holds(page, seen)));
    }
  }
  server.close();
}

async function main(pages) {
  if (pages.length === 0) throw new Error("usage: node check.mjs PAGE... | --missing");
  if (missing().length > 0) throw new Error(`missing: ${missing().join(", ")}`);
  const { chromium } = await import("playwright-core");
  const axe = readFileSync(join(packages, "axe-core", "axe.min.js"), "utf8");
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    args: process.getuid() === 0 ? ["--no-sandbox"] : [],
  });
  let good = true;
  for (const path of pages) {
    await check(browser, axe, path, (name, faults) => {
      const words = faults.length === 0 ? "ok" : `FAILED: ${faults.join("; ")}`;
      console.log(`${basename(path)}: ${name}: ${words}`);
      good = good && faults.length === 0;
    });
  }
  await browser.close();
  return good ? 0 : 1;
}

if (process.argv[2] === "--missing") {
  console.log(missing().join(", "));
} else {
  try {
    process.exit(await main(process.argv.slice(2)));
  } catch (error) {
    console.log(`FAILED: ${error.message}`);
    process.exit(1);
  }
}
