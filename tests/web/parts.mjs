#!/usr/bin/env node
// The parts of the staff's pages in a browser, on a page of their own (parts.page.js) under the program's policy.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { axe, closePages, newPage, noConsoleErrors, rig, ROOT, soon, startBrowser, story, until } from "./rig.mjs";
import { tell } from "./told.mjs";

const TYPES = { ".js": "text/javascript", ".css": "text/css", ".html": "text/html" };
const site = { home: "", server: null, url: "" };

function build() {
	const packages = join(ROOT, "build/node/staff/node_modules");
	const done = spawnSync(join(packages, ".bin/esbuild"), [join(ROOT, "tests/web/parts.page.js"), join(ROOT, "handlers/web/staff/staff.css"), "--bundle", "--format=esm",
		"--splitting", "--entry-names=[name]", `--outdir=${site.home}`, "--log-level=warning"], { encoding: "utf8", env: { ...process.env, NODE_PATH: packages } });

	assert.equal(done.status, 0, done.stderr);
}

// The policy of the staff's pages as the daemon has it, read where it stands.
function policy() {
	const text = /#define DESK_CSP(?:[^\n]*\\\n)*[^\n]*/.exec(readFileSync(join(ROOT, "handlers/web/pages.h"), "utf8"))[0];
	return [...text.matchAll(/"([^"]*)"/g)].map((found) => found[1]).join("");
}

// What the API answers: who one is, and changes as the story tells them, asks that wait until then.
const api = { asked: [], waiting: null };

function say(response, status, body, headers = {}) {
	response.writeHead(status, { "Content-Type": status < 300 ? "application/json" : "application/problem+json", ...headers });
	response.end(JSON.stringify(body));
}

function answer(request, response) {
	if (!request.url.startsWith("/api/v1/changes")) {
		say(response, 200, { person: "li", roles: ["officer"], region: "150600" });
		return;
	}
	api.asked.push(request.url.slice("/api/v1/changes".length));
	api.waiting = response;
	response.on("close", () => {
		if (api.waiting === response)
			api.waiting = null;
	});
}

// The next ask, answered; gives its query.
async function change(status, body, headers) {
	const response = await until("somebody asks for changes", () => api.waiting);

	api.waiting = null;
	say(response, status, body, headers);
	return api.asked.at(-1);
}

async function serve() {
	const page = '<!DOCTYPE html><html lang="en" spellcheck="false"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Parts</title><link rel="icon" href="data:,">' +
		'<link rel="stylesheet" href="/staff.css"><script type="module" src="/parts.page.js"></script></head><body><div id="app"></div></body></html>';

	site.server = createServer((request, response) => {
		const name = new URL(request.url, "http://x").pathname.slice(1);

		if (name.startsWith("api/")) {
			answer(request, response);
			return;
		}
		const file = extname(name) in TYPES && /^[\w.-]+$/.test(name);

		response.writeHead(200, { "Content-Type": file ? TYPES[extname(name)] : "text/html", "Content-Security-Policy": policy() });
		response.end(file ? readFileSync(join(site.home, name)) : page);
	});
	await new Promise((go) => site.server.listen(0, "127.0.0.1", go));
	site.url = `http://127.0.0.1:${site.server.address().port}`;
}

async function open(options) {
	const page = await newPage(options);

	await page.goto(site.url);
	await page.locator("#f-name").waitFor();
	return page;
}

const sent = (page) => page.evaluate(() => window.seen.sent);

story("nothing of axe, nothing wider than a telephone, charts drawn", async () => {
	for (const width of [320, 768, 1280]) {
		const page = await open({ width });

		await page.getByRole("button", { name: "Try again" }).click();
		await page.locator("#value").waitFor();
		await until("charts are drawn", () => page.evaluate(() => [...document.querySelectorAll("canvas")].length === 3 && [...document.querySelectorAll("canvas")].every((one) =>
			one.width > 0 && one.getContext("2d").getImageData(0, 0, one.width, one.height).data.some((value) => value !== 0))));
		await axe(page);
		assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width);
		noConsoleErrors(page);
		if (process.env.TIPLINE_KEEP)
			for (const dark of [false, true]) {
				await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
				await page.waitForTimeout(400);
				await page.screenshot({ path: join(process.env.TIPLINE_KEEP, `parts-${width}-${dark ? "dark" : "light"}.png`), fullPage: true });
			}
		await closePages();
	}
});

// WCAG 2.2, 1.4.11: 3 to 1 for what a picture is read by.
function contrast(one, other) {
	const light = (colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
		.reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
	const [low, high] = [light(one), light(other)].sort((a, b) => a - b);

	return (high + 0.05) / (low + 0.05);
}

story("the colours of charts stand out from their ground", async () => {
	for (const dark of [false, true]) {
		const page = await open({ dark });
		const { card, ...colours } = await page.evaluate(() => Object.fromEntries(["card", "ink", "edge", ...[1, 2, 3, 4, 5, 6].map((n) => `series-${n}`)].map((name) =>
			[name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()])));

		assert.deepEqual(Object.entries(colours).filter(([, colour]) => !(contrast(card, colour) >= 3)), []);
		await closePages();
	}
});

story("a table: heads, rows by keys, more rows, none", async () => {
	const page = await open();
	const table = page.getByRole("table", { name: "Rows", exact: true });

	await soon(() => table.locator("thead th").allTextContents(), ["Name", "At", "Due", "Amount"]);
	await soon(() => table.locator("tbody th[scope=row] a").count(), 3);
	await soon(() => table.locator("tfoot .money").textContent(), "¥2,469.12");
	await soon(() => table.locator("tbody td.numeric").nth(1).evaluate((one) => getComputedStyle(one).textAlign), "right");
	await page.locator("body").press("j");
	await page.locator("body").press("j");
	await soon(() => page.evaluate(() => document.activeElement.textContent), "row 1");
	await page.locator("body").press("k");
	await page.locator("body").press("k");
	await soon(() => page.evaluate(() => document.activeElement.textContent), "row 0");
	await page.getByRole("button", { name: "Show more" }).click();
	await until("five rows", async () => await table.locator("tbody tr").count() === 5);
	await soon(() => page.getByRole("button", { name: "Show more" }).count(), 0);
	await page.getByText("Nothing yet: send the first one.").waitFor();
	await table.locator("a", { hasText: "row 3" }).focus();
	await page.locator("body").press("o");
	await until("opened", () => page.url().endsWith("/row/row%203"));
	await soon(() => page.locator(".pages a[aria-current=page]").textContent(), "One");
	await soon(() => page.locator(".pages a").count(), 2);
	await closePages();
});

story("a form: faults at their fields, values kept when refused, sent once", async () => {
	const page = await open();
	const send = page.getByRole("button", { name: "Send it" });

	await page.locator("#f-fen").fill("12.345");
	await page.locator("#f-number").fill("11");
	await page.locator("#f-region").fill("15");
	await page.locator("#f-secret").fill("abc");
	await send.click();
	const faults = page.locator(".form-faults");
	await faults.waitFor();
	assert.ok(await faults.evaluate((one) => one === document.activeElement));
	await soon(() => faults.locator("li").count(), 7);
	await axe(page);
	await faults.locator("a", { hasText: "Amount" }).click();
	await soon(() => page.evaluate(() => document.activeElement.id), "f-fen");
	await soon(() => page.locator("#f-fen").getAttribute("aria-invalid"), "true");
	await soon(() => sent(page), []);

	await page.locator("#f-name").fill("taken");
	await page.locator("#f-fen").fill("1,234.5");
	await page.locator("#f-number").fill("7");
	await soon(() => page.locator("#f-why").count(), 0);
	await page.locator("#f-kind").selectOption("large");
	await page.locator("#f-why").fill(" two\nlines");
	await page.locator("#f-day").fill("2026-12-01");
	await page.locator("#f-at").fill("2026-12-01T08:30");
	await page.locator("#f-region").fill("150600");
	await page.locator("#f-secret").fill(" with blanks ");
	await page.locator("#f-sure").check();
	await send.dblclick();
	await page.locator("#f-name-fault", { hasText: "The name is taken." }).waitFor();
	await soon(() => page.locator("#f-fen").inputValue(), "1,234.5");
	await soon(() => page.locator("#f-sure").isChecked(), true);
	await soon(() => sent(page), [{ name: "taken", fen: 123450, kind: "large", why: " two\nlines", number: 7, day: "2026-12-01", at: "2026-12-01T00:30:00.000Z",
		region: "150600", secret: " with blanks ", sure: true }]);

	await page.locator("#f-name").fill("busy");
	await send.click();
	await page.locator(".form-faults", { hasText: "try again in 3 s" }).waitFor();
	await page.locator("#f-name").fill("free");
	await send.click();
	await until("the form is empty again", async () => await page.locator("#f-name").inputValue() === "" && await page.locator("#f-number").inputValue() === "3");
	assert.equal((await sent(page)).length, 3);
	await soon(() => page.locator(".form-faults, #f-why").count(), 0);
	noConsoleErrors(page);
	await closePages();
});

story("filters stand in the address, and what is loaded follows them", async () => {
	const page = await open();

	await page.getByRole("button", { name: "Try again" }).click();
	await page.locator("#value", { hasText: "loaded all" }).waitFor();
	await page.getByRole("search").getByLabel("Kind").selectOption("large");
	await page.locator("#value", { hasText: "loaded large" }).waitFor();
	assert.ok(page.url().endsWith("/?kind=large"));
	await page.getByRole("search").getByLabel("Name").fill("某人");
	await page.getByRole("search").getByLabel("Name").press("Enter");
	await page.getByRole("search").getByLabel("I am sure").check();
	assert.equal(new URL(page.url()).search, `?kind=large&q=${encodeURIComponent("某人")}&sure=1`);
	await page.reload();
	await page.locator("#f-name").waitFor();
	await soon(() => page.getByRole("search").getByLabel("Name").inputValue(), "某人");
	await soon(() => page.getByRole("search").getByLabel("Kind").inputValue(), "large");
	await soon(() => page.getByRole("search").getByLabel("I am sure").isChecked(), true);
	await page.getByRole("button", { name: "Clear filters" }).click();
	await until("the fields are empty", async () => await page.getByRole("search").getByLabel("Name").inputValue() === "");
	assert.equal(new URL(page.url()).search, "");
	await closePages();
});

story("what was refused in a dialog is told there, and tried again", async () => {
	const page = await open();

	await page.locator("#ask").click();
	await page.getByRole("dialog").getByRole("button", { name: "Do it" }).click();
	await page.getByRole("dialog").getByRole("alert").filter({ hasText: "It was changed." }).waitFor();
	await axe(page);
	await page.getByRole("dialog").getByRole("button", { name: "Do it" }).click();
	await page.getByRole("dialog").waitFor({ state: "detached" });
	await page.locator("#ask").click();
	await page.locator("body").press("Escape");
	await page.getByRole("dialog").waitFor({ state: "detached" });
	await soon(() => page.evaluate(() => document.activeElement.id), "ask");
	await closePages();
});

story("changes: one ask for all, on from where it was, later when refused, none while hidden", async () => {
	const page = await open();
	const told = () => page.evaluate(() => window.seen.changes);

	assert.equal(api.asked.length, 0);   // nobody is in
	await page.evaluate(() => window.seen.signInByToken("x"));
	assert.equal(await change(200, { next: "1", regions: [] }), "");
	assert.equal(await change(200, { next: "2", regions: ["150600", "150602"] }), "?after=1&wait_s=25");
	await until("both are told", async () => (await told()).length === 2);
	assert.deepEqual(await told(), ["one: 150600 150602", "two: 150600 150602"]);

	const before = Date.now();
	assert.equal(await change(503, { status: 503, code: "busy" }, { "Retry-After": "2" }), "?after=2&wait_s=25");
	await until("it is asked again", () => api.waiting);
	assert.ok(Date.now() - before >= 1990, `${Date.now() - before} ms`);
	assert.equal(await change(400, { status: 400, code: "field_invalid", field: "after" }), "?after=2&wait_s=25");
	assert.equal(await change(200, { next: "7", regions: [] }), "");
	assert.deepEqual((await told()).slice(2), ["one: all", "two: all"]);

	await until("it is asked again", () => api.waiting);
	await page.evaluate(() => {
		Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
		document.dispatchEvent(new Event("visibilitychange"));
	});
	await until("nobody asks", () => api.waiting === null);
	await page.evaluate(() => {
		delete document.hidden;
		document.dispatchEvent(new Event("visibilitychange"));
	});
	assert.equal(await change(200, { next: "8", regions: ["150600"] }), "?after=7&wait_s=25");
	await until("it is asked again", () => api.waiting);
	await page.evaluate(() => window.seen.signOut());
	await until("nobody asks", () => api.waiting === null);
	const asked = api.asked.length;
	await page.evaluate(() => window.seen.signInByToken("y"));
	assert.equal(await change(403, { status: 403, code: "role_needed" }), "");
	await page.getByRole("button", { name: "Try again" }).click();
	await page.locator("#value").waitFor();
	assert.equal(api.asked.length, asked + 1);
	await closePages();
});

story("amounts and days are said exactly", async () => {
	const page = await open();
	const said = await page.evaluate(() => ({
		money: [0, 5, 123450, -1, 900719925474099, "12345678901234567890"].map(window.seen.sayMoney),
		read: ["1", "1.5", "1,234.50", "¥ 12.05", "-3", "1.234", "12,34", "", "1e3", "99999999999999999"].map(window.seen.readMoney),
		day: [window.seen.sayDay("2026-12-01"), window.seen.sayDay("2026-11-30T20:00:00Z"), window.seen.sayDay(null)],
	}));

	assert.deepEqual(said.money, ["¥0.00", "¥0.05", "¥1,234.50", "−¥0.01", "¥9,007,199,254,740.99", "¥123,456,789,012,345,678.90"]);
	assert.deepEqual(said.read, [100, 150, 123450, 1205, -300, null, null, null, null, null]);
	assert.deepEqual(said.day, ["Dec 1, 2026", "Dec 1, 2026", "–"]);
	await closePages();
});

await tell({
	async begin() {
		site.home = mkdtempSync(join(tmpdir(), "tipline-parts-"));
		build();
		await serve();
		rig.browser = await startBrowser();
	},
	failed: closePages,
	async end() {
		await closePages();
		await rig.browser?.close();
		site.server?.close();
		rmSync(site.home, { recursive: true, force: true });
	},
});
