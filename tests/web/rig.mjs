// What stories in the browser share: a daemon, Debian's Chromium without a window, and checks of a page. See README.md.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Daemon } from "./daemon.mjs";
import { ROOT, story, tell } from "./told.mjs";

export { Daemon, until } from "./daemon.mjs";
export { ROOT, story } from "./told.mjs";

const PACKAGES = join(ROOT, "build/node/web/package.json");
const need = createRequire(PACKAGES);
const SLOW = Number(process.env.TIPLINE_SLOW ?? "1");
// Only ends what hangs.
const WAIT_MS = 30000 * Number(process.env.TIPLINE_PATIENCE ?? "1");
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

// A package of tests/web/package.json.
export function pack(name) {
	return import(pathToFileURL(need.resolve(name)));
}

// others: daemons that end with this one.
export const rig = { daemon: null, others: [], browser: null, contexts: [] };

export async function startBrowser(args = []) {
	if (!existsSync(PACKAGES))
		throw new Error("the packages of tests/web are missing: make test-web brings them");
	if (!existsSync(CHROMIUM))
		throw new Error(`${CHROMIUM} is missing: scripts/deps test`);
	const { chromium } = (await pack("playwright-core")).default;
	// Chromium's own sandbox refuses to work for root.
	return chromium.launch({ executablePath: CHROMIUM, args: [...process.getuid() === 0 ? ["--no-sandbox"] : [], ...args] });
}

// Begins, runs the stories of this program, ends. settings: those of the daemon.
export function run(settings = {}) {
	return tell({
		async begin() {
			rig.daemon = await Daemon.start(settings);
			rig.browser = await startBrowser();
		},
		async failed(name) {
			const to = process.env.TIPLINE_KEEP;
			for (const [i, page] of rig.contexts.flatMap((context) => context.pages()).entries())
				if (to) {
					mkdirSync(to, { recursive: true });
					await page.screenshot({ path: join(to, `${name.replace(/\W+/g, "-")}-${i}.png`), fullPage: true }).catch(() => {});
				}
			await closePages();
		},
		async end() {
			try {
				await closePages();
				await rig.browser?.close();
			} finally {
				await rig.daemon?.close();
				await Promise.all(rig.others.splice(0).map((one) => one.close()));
			}
		},
	});
}

export async function closePages() {
	await Promise.all(rig.contexts.splice(0).map((context) => context.close()));
}

// TIPLINE_SLOW=8: the browser calculates at an eighth of its speed and each answer takes longer, which shows what a test took for granted.
async function slowed(page) {
	if (SLOW > 1) {
		page.devtools = await page.context().newCDPSession(page);
		await page.devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOW });
		await network(page);
	}
}

// How the page's network is from now on, latency in ms, bytes a second; without them as at first. Of two sessions of a page
// that tell so the second is not heard, so that both use one.
export async function network(page, { latency = 0, download = -1, upload = -1 } = {}) {
	page.devtools ??= await page.context().newCDPSession(page);
	await page.devtools.send("Network.enable");
	await page.devtools.send("Network.emulateNetworkConditions", { offline: false, latency: SLOW > 1 ? Math.max(latency, 20 * SLOW) : latency,
		downloadThroughput: download, uploadThroughput: upload });
}

// A page of a browser profile of its own. What it complains of is kept for noConsoleErrors().
export async function newPage({ locale = "en", width = 1280, height = 800, dark = false, javaScript = true } = {}) {
	const context = await rig.browser.newContext({ locale, viewport: { width, height }, colorScheme: dark ? "dark" : "light",
		javaScriptEnabled: javaScript, timezoneId: "Asia/Shanghai" });
	rig.contexts.push(context);
	const page = await context.newPage();
	page.setDefaultTimeout(WAIT_MS);
	await slowed(page);
	page.complaints = [];
	page.on("console", (message) => message.type() === "error" && page.complaints.push(`${message.text()} (${message.location().url})`));
	page.on("pageerror", (error) => page.complaints.push(error.stack ?? String(error)));
	return page;
}

// expected: patterns of what the story itself made happen, as a refused sign-in.
export function noConsoleErrors(page, expected = []) {
	assert.deepEqual(page.complaints.filter((text) => !expected.some((pattern) => pattern.test(text))), []);
}

// Waits until look() tells what is wanted, a value or a pattern: a page draws when its answer is there, not when a test looks.
export async function soon(look, wanted, why) {
	for (const end = Date.now() + WAIT_MS; ;) {
		const seen = await look();
		try {
			return wanted instanceof RegExp ? assert.match(seen, wanted, why) : assert.deepEqual(seen, wanted, why);
		} catch (error) {
			if (Date.now() > end)
				throw error;
		}
		await new Promise((go) => setTimeout(go, 50));
	}
}

// Signs in at the staff's listener: signIn(page, { role: "officer" }) by a token of the demo, or { person } by an account.
export async function signIn(page, { role, person, path = "/" }) {
	await page.goto(rig.daemon.staff + path);
	if (role) {
		await page.getByRole("button", { name: /^(Use a token|改用令牌)$/ }).click();
		await page.locator("#token").fill(rig.daemon.token(role));
	} else {
		await page.locator("#account").fill(person.name);
		await page.locator("#password").fill(person.password);
		await page.locator("#totp").fill(person.code());
	}
	await page.locator("form button[type=submit]").click();
	await page.locator("#sign-out").waitFor();
}

// A tip as an informant sends it by API; { id, receipt, ... }.
export function tip(text, more) {
	return rig.daemon.tip(text, more);
}

const axeSource = () => readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");

const TYPED = "textarea, input[type=text], input[type=search], input[type=password], input[type=email], input[type=tel], input:not([type])";

// No finding of axe on the page as it is, in light and in dark (or in the one that is named); and what is typed is not sent
// to a spelling checker, which may be one of the browser's maker.
export async function axe(page, { dark, rules = {} } = {}) {
	assert.deepEqual(await page.locator(TYPED).evaluateAll((all) => all.filter((one) => one.spellcheck).map((one) => one.outerHTML)), [], "spelling");
	const client = await page.context().newCDPSession(page);

	for (const scheme of dark === undefined ? ["light", "dark"] : [dark ? "dark" : "light"]) {
		await page.emulateMedia({ colorScheme: scheme });
		// By the debugger: the page's policy lets no other script in, and stays in force.
		await client.send("Runtime.evaluate", { expression: axeSource() });
		const { result } = await client.send("Runtime.evaluate", { awaitPromise: true, returnByValue: true,
			expression: `axe.run(document, ${JSON.stringify({ rules })}).then((r) => r.violations.map((v) => v.id + ": " + v.help + "\\n  " +
				v.nodes.map((n) => n.html + " " + n.failureSummary).join("\\n  ")))` });
		assert.deepEqual(result.value, [], `axe, ${scheme}: ${page.url()}`);
	}
	await page.emulateMedia({ colorScheme: null });
	await client.detach();
}
