// Opens a page in headless Chromium and prints what was seen of it, as JSON.
// node look.cjs '{"url": ..., "width": ...}', with playwright-core and axe-core found
// by NODE_PATH, and the browser by CHROMIUM.
"use strict";
const { chromium } = require("playwright-core");

async function look(wanted) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--no-sandbox"],
  });
  const page = await browser.newPage({
    viewport: { width: wanted.width || 1440, height: wanted.height || 900 },
    colorScheme: wanted.theme || "light",
    javaScriptEnabled: wanted.script !== false,
    // axe is let in by the policy of the page only where that is asked for.
    bypassCSP: wanted.axe === true,
  });
  const seen = { errors: [], requests: [] };
  page.on("console", (message) => {
    if (message.type() !== "log") seen.errors.push(message.text());
  });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("request", (request) => {
    if (request.url() !== wanted.url && !request.url().startsWith("data:"))
      seen.requests.push(request.url());
  });
  if (wanted.throttle) {
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: wanted.throttle });
  }
  const start = Date.now();
  await page.goto(wanted.url, { waitUntil: "load" });
  if (wanted.script !== false) {
    await page.waitForSelector("html[data-ready]", { state: "attached" });
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)))
    );
  }
  seen.ready = (Date.now() - start) / 1000;
  for (const [choice, value] of Object.entries(wanted.choose || {}))
    await page.selectOption(`#${choice}`, value);
  for (const selector of wanted.click || []) await page.click(selector);
  if (wanted.open)
    await page.evaluate(() =>
      document.querySelectorAll("details").forEach((each) => (each.open = true))
    );
  if (wanted.media) await page.emulateMedia({ media: wanted.media });
  if (wanted.pdf) await page.pdf({ path: wanted.pdf, format: "A4" });
  for (const key of wanted.keys || []) await page.keyboard.press(key);
  if (wanted.hover) {
    await page.hover(wanted.hover, { force: true });
    seen.tip = await page.textContent("#tip");
  }
  // Without scripts of the page, those of the debugger go on working.
  Object.assign(seen, await page.evaluate(described));
  if (wanted.axe) {
    await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
    const found = await page.evaluate(() => axe.run(document));
    seen.violations = found.violations.map(
      (each) =>
        `${each.id}: ${each.help} (${each.nodes.length}) ` +
        each.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + " " + (node.any[0]?.message || "")).join(" | ")
    );
    seen.checked = found.passes.length;
  }
  if (wanted.picture && wanted.element)
    await page.locator(wanted.element).screenshot({ path: wanted.picture });
  else if (wanted.picture)
    await page.screenshot({ path: wanted.picture, fullPage: wanted.full !== false });
  await browser.close();
  return seen;
}

// In the page.
function described() {
  const width = document.documentElement.clientWidth;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const isSeen = (element) => element.getClientRects().length > 0;
  return {
    width: document.documentElement.scrollWidth - width,
    beyond: all("body *")
      .filter((element) => isSeen(element) && !element.closest(".hidden, .skip, thead"))
      .filter((element) => element.getBoundingClientRect().right > width + 0.5)
      .map((element) => element.outerHTML.slice(0, 120)),
    text: document.body.innerText,
    images: all("img, iframe, object, embed").length,
    scripts: all("script").length,
    handlers: all("*").filter((element) =>
      element.getAttributeNames().some((name) => name.startsWith("on"))
    ).length,
    focused: document.activeElement.textContent.trim().slice(0, 80),
    questions: all("h2").map((title) => ({
      title: title.textContent,
      bottom: title.parentElement.getBoundingClientRect().bottom + window.scrollY,
      top: title.getBoundingClientRect().top + window.scrollY,
    })),
    shown: all(".shown").filter(isSeen).map((note) =>
      [...note.childNodes].filter((each) => each.tagName !== "BUTTON")
        .map((each) => each.textContent).join("").trim()
    ),
    rows: all("#rules tbody[data-list] > tr").filter(isSeen).length,
    background: getComputedStyle(document.body).backgroundColor,
    tables: all("table").map((table) => getComputedStyle(table).display),
  };
}

look(JSON.parse(process.argv[2])).then(
  (seen) => console.log(JSON.stringify(seen)),
  (error) => {
    console.error(error);
    process.exit(1);
  }
);
