#!/usr/bin/env node
// What others say of every page of the public and every state of it: axe in light and dark, html-validate, width and
// targets at 320 px also in large text, bytes and requests.
import assert from "node:assert/strict";
import { PAGES, SETTINGS } from "./public_pages.mjs";
import { axe, closePages, newPage, noConsoleErrors, run, soon, story } from "./rig.mjs";
import { validate } from "./valid.mjs";

const EXPECTED = [/status of 4\d\d/];
const TAGS = ["zh-CN", "en"];

// What the page that is shown took to load: answers, and their bytes, from its own document on.
function weighed(page) {
	const loaded = { requests: 0, bytes: 0, html: null };

	page.on("response", async (answer) => {
		if (answer.request().isNavigationRequest())
			Object.assign(loaded, { requests: 0, bytes: 0, html: answer.text() });
		if (answer.url().startsWith("data:"))
			return;
		loaded.requests++;
		const body = await answer.body().catch(() => "");
		loaded.bytes += body.length;
	});
	return loaded;
}

const small = () => [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")]
	.filter((e) => e.className !== "skip" && e.getClientRects().length > 0 && !(e.tagName === "A" && e.closest("p, li") && !e.className && !e.closest(".foot, .summary, .logs")))
	// A finger hits 44 px; the files of the logs, which are for those who check, are a list of 24 px.
	.map((e) => [e, (e.closest(".choice") ?? e).getBoundingClientRect(), e.closest(".logs") ? 24 : 44])
	.filter(([, box, least]) => box.width < least - 0.01 || box.height < least - 0.01)
	.map(([e]) => e)
	.map((e) => e.outerHTML.slice(0, 120));

for (const { name, see, empty } of PAGES) {
	story(`${name}: valid, narrow, light, without scripts`, async () => {
		for (const tag of TAGS)
			for (const large of [false, true]) {
				const page = await newPage({ locale: tag, width: 320, height: 640, javaScript: false });
				const client = await page.context().newCDPSession(page);
				await client.send("Network.enable");
				await client.send("Network.setCacheDisabled", { cacheDisabled: true });
				const loaded = weighed(page);
				await see(page, tag, large);
				await validate(await loaded.html, `${name} ${tag}`);
				await soon(() => page.evaluate(() => document.documentElement.lang), tag);
				assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), `${name} ${tag} is wider than 320 px`);
				await soon(() => page.evaluate(small), [], `${name} ${tag}: too small to be hit`);
				assert.ok(loaded.requests <= 6 && loaded.bytes <= 60 * 1024, `${loaded.requests} requests, ${loaded.bytes} bytes`);
				assert.ok(empty || loaded.requests >= 2);
				await closePages();
			}
	});

	story(`${name}: axe`, async () => {
		for (const tag of TAGS) {
			const page = await newPage({ locale: tag });
			await see(page, tag);
			await axe(page, empty ? { rules: Object.fromEntries(["document-title", "landmark-one-main", "page-has-heading-one"].map((rule) => [rule, { enabled: false }])) } : {});
			noConsoleErrors(page, EXPECTED);
			await closePages();
		}
	});
}

await run(SETTINGS);
