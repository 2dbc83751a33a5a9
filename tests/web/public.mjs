#!/usr/bin/env node
// A report as people make it: on a small telephone without scripts, with scripts, in another language, in a flood; and leaving at once.
import assert from "node:assert/strict";
import { call } from "./office.mjs";
import { fill, SETTINGS, TEXTS } from "./public_pages.mjs";
import { axe, closePages, Daemon, network, newPage, noConsoleErrors, rig, run, soon, story, until } from "./rig.mjs";

const PHONE = { width: 320, height: 568, javaScript: false };
const REFUSED = [/status of 4\d\d/];
const { text: TEXT, place: PLACE } = TEXTS.en;

const open = (page, path) => page.goto(rig.daemon.public + path);
const next = (page) => page.locator("#tip button.main").click();
const value = (page, id) => page.locator(`#${id}`).inputValue();

async function codeOf(page) {
	await page.locator(".code").waitFor();
	const groups = await page.locator(".code span").allTextContents();

	assert.equal(groups.length, 6);
	return groups.join("");
}

// Of a text that was sent, as the officer reads it.
async function received(text) {
	const { json } = await call("officer", "POST", "/api/v1/queues/000000/claim", { max: 100 });

	return json.tips.find((one) => one.text.replaceAll("\r", "") === text);
}

// What a telephone costs: pages that were opened, taps, words typed. Every tap and every field goes through here.
function counted(page) {
	const cost = { pages: 0, taps: 0, fields: 0, ms: 0 };

	page.on("response", (answer) => answer.request().isNavigationRequest() && cost.pages++);
	return { cost,
		async tap(selector) {
			cost.taps++;
			await page.locator(selector).click();
		},
		async type(selector, words) {
			cost.fields++;
			await page.locator(selector).fill(words);
		} };
}

// The shortest way from the start to the status.
async function shortest(page) {
	const { cost, tap, type } = counted(page);
	const began = Date.now();

	await open(page, "/?lang=en");
	await tap("a.next:not(.second)");
	await type("#text", TEXT);
	await tap("#tip button.main");
	await tap("#tip button.main");
	await type("#last", (await codeOf(page)).slice(-4));
	await tap("main button.main");
	await page.locator(".state-name").waitFor();
	return { ...cost, ms: Date.now() - began };
}

story("on a telephone of 320 px without scripts, from the start to the status", async () => {
	const page = await newPage(PHONE);

	await open(page, "/?lang=en");
	await page.locator("a.next:not(.second)").click();
	await page.waitForURL("**/report?lang=en");
	await next(page);
	await page.locator(".summary a[href='#text']").click();
	await soon(() => page.locator("#text").getAttribute("aria-invalid"), "true");
	await fill(page, "en");
	await page.locator("#contact").fill("x".repeat(5000));
	await next(page);
	await page.locator(".summary a[href='#contact']").waitFor();
	await soon(() => page.locator(".summary a").count(), 1);
	await soon(() => value(page, "text"), TEXT);
	await page.locator("#contact").fill("");
	await next(page);

	await page.waitForURL("**/report/check");
	for (const words of [TEXT, PLACE, "Inner Mongolia", TEXTS.en.when])
		await page.locator(".answers", { hasText: words }).waitFor();
	await page.locator("button[formaction='/report#place']").click();
	await soon(() => value(page, "place"), PLACE);
	await soon(() => page.locator("input[value=child]").isChecked(), true);
	await page.locator("#place").fill("南门");
	await next(page);
	await page.locator(".answers", { hasText: "南门" }).waitFor();
	await next(page);

	const code = await codeOf(page);
	for (const [button, shown] of [["button[value=zh-CN]", "html[lang='zh-CN']"], ["button[name=size]", "html.large"], ["button[value=en]", "html[lang='en'].large"],
		["button[name=size]", "html:not(.large)"]]) {
		await page.locator(`form.switches ${button}`).click();
		await page.locator(shown).waitFor({ state: "attached" });
		await soon(() => codeOf(page), code, "another language or size keeps the code in sight");
		assert.ok(!page.url().includes("?"), "nothing of it in the address");
	}
	await page.locator("#last").fill(String((Number(code.slice(-4)) + 1) % 10000).padStart(4, "0"));
	await page.locator("main button.main").click();
	await page.locator(".summary a[href='#last']").waitFor();
	await soon(() => codeOf(page), code, "the code stays in sight");
	await page.locator("#last").fill(code.slice(-4));
	await page.locator("main button.main").click();
	await page.locator(".state-name.queued").waitFor();
	assert.ok(!page.url().includes(code.slice(-4)), "no digit in the address");
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), "wider than the screen");
	noConsoleErrors(page, REFUSED);
	const tip = await received(TEXT);
	assert.deepEqual([tip.place, tip.region.slice(0, 2)], ["南门", "15"]);
	await closePages();
});

story("the shortest way: five pages, four taps, two fields", async () => {
	const times = [];

	for (let i = 0; i < 5; i++) {
		const page = await newPage(PHONE);
		// A slow telephone network: 400 ms there and back, 50 KiB a second.
		await network(page, { latency: 400, download: 51200, upload: 51200 });
		const { pages, taps, fields, ms } = await shortest(page);
		assert.deepEqual({ pages, taps, fields }, { pages: 5, taps: 4, fields: 2 });
		times.push(ms);
		await closePages();
	}
	console.log(`  5 pages, 4 taps, 2 fields; median of ${times.length} on a slow network: ${times.sort((a, b) => a - b)[2]} ms beside the typing`);
});

story("with scripts: going back by any way keeps the draft, in memory alone", async () => {
	const page = await newPage();

	await open(page, "/report?lang=en");
	await fill(page, "en");
	await page.locator("#text").fill(`${TEXT}\n第二行`);
	await next(page);
	await page.locator(".answers", { hasText: PLACE }).waitFor();
	assert.equal(new URL(page.url()).pathname, "/report");
	await page.goBack();
	await soon(() => value(page, "text"), `${TEXT}\n第二行`);
	await soon(() => value(page, "region"), "150000");
	await soon(() => page.locator("input[value=child]").isChecked(), true);
	await next(page);
	await page.locator("button[formaction='/report#place']").click();
	await page.locator("#place:focus").fill("南门");
	await next(page);
	await page.locator(".answers", { hasText: "南门" }).waitFor();
	await soon(() => page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie, window.name]), [0, 0, "", ""]);
	await soon(() => page.evaluate(async () => (await indexedDB.databases()).length + (await caches.keys()).length), 0);
	await next(page);
	await codeOf(page);
	noConsoleErrors(page);
	assert.equal((await received(`${TEXT}\n第二行`)).place, "南门");
	await closePages();
	const later = await newPage();
	await open(later, "/report?lang=en");
	await soon(() => value(later, "text"), "", "closing forgets it");
	await closePages();
});

story("with scripts: faults take the focus", async () => {
	const page = await newPage();

	await open(page, "/report?lang=en");
	await next(page);
	await page.locator(".summary:focus").waitFor();
	await axe(page);
	await page.locator("#text").fill(TEXT);
	await next(page);
	await page.locator(".answers").waitFor();
	await axe(page);
	noConsoleErrors(page, REFUSED);
	await closePages();
});

story("with scripts: a file stays chosen, and its upload tells how far it is", async () => {
	const page = await newPage();
	const photo = Buffer.concat([Buffer.from("ffd8ffe000104a46494600010100000100010000", "hex"), Buffer.alloc(300000, "p"), Buffer.from("ffd9", "hex")]);

	await open(page, "/report?lang=en");
	await page.locator("#text").fill(`${TEXT} With a photo.`);
	await next(page);
	await page.locator("#file").setInputFiles({ name: "IMG_1.jpg", mimeType: "image/jpeg", buffer: photo });
	await page.locator("button[formaction='/report#text']").click();
	await page.locator("#text:focus").waitFor();
	await next(page);
	await page.locator(".answers").waitFor();
	await soon(() => page.evaluate(() => document.getElementById("file").files.length), 1);
	await network(page, { upload: 100000 });
	await next(page);
	await until("it is under way", () => page.evaluate(() => {
		const bar = document.getElementById("progress-bar");
		return bar && !document.getElementById("progress").hidden && bar.value > 0 && bar.value < 100 &&
			document.getElementById("progress-share").textContent === `${bar.value} %` && document.querySelector("#tip button.main").disabled;
	}));
	await codeOf(page);
	noConsoleErrors(page);
	const tip = await received(`${TEXT} With a photo.`);
	assert.deepEqual(tip.files.map((file) => [file.name, file.bytes]), [["IMG_1.jpg", photo.length]]);
	await closePages();
});

story("another language or size keeps what was typed", async () => {
	const page = await newPage();
	const both = async () => [await value(page, "text"), await value(page, "place")];
	const lang = (tag) => page.locator(`html[lang='${tag}']`).waitFor({ state: "attached" });

	await open(page, "/report?lang=en");
	await page.locator("#text").fill(TEXT);
	await page.locator("#place").fill(PLACE);
	await page.locator("nav.switches a[hreflang='zh-CN']").click();
	await lang("zh-CN");
	await soon(() => both(), [TEXT, PLACE]);
	await page.locator("button[name=size]").click();
	await page.locator("html.large").waitFor({ state: "attached" });
	await soon(() => both(), [TEXT, PLACE]);
	await next(page);
	await page.locator(".answers").waitFor();
	await page.locator("#back button[value=en]").click();
	await lang("en");
	await page.locator("html.large .answers", { hasText: PLACE }).waitFor();

	await open(page, "/report?lang=en");
	await page.locator("#text").fill(TEXT);
	await next(page);
	await page.locator(".answers").waitFor();
	await page.locator("nav.switches a").last().click();
	await page.locator("html.large .answers", { hasText: TEXT }).waitFor();
	noConsoleErrors(page);
	await closePages();
});

story("large text stays large, on every page of a report", async () => {
	const page = await newPage(PHONE);
	const large = () => page.evaluate(() => Number.parseFloat(window.getComputedStyle(document.body).fontSize) > 20);

	await open(page, "/?lang=en");
	await page.locator("nav.switches a").last().click();
	assert.ok(await large());
	await page.locator("a.next:not(.second)").click();
	await page.locator("#text").fill(TEXT);
	await next(page);
	assert.ok(await large());
	await next(page);
	assert.ok(await large());
	await page.locator("#last").fill((await codeOf(page)).slice(-4));
	await page.locator("main button.main").click();
	await page.locator(".state-name").waitFor();
	assert.ok(await large());
	await page.locator(".foot a").first().click();
	assert.ok(await large());
	await page.locator("nav.switches a").last().click();
	await soon(() => large(), false);
	await closePages();
});

for (const way of ["the link", "Shift three times"])
	story(`leaving at once by ${way} puts an empty page in place of this one`, async () => {
		const page = await newPage();

		await open(page, "/?lang=en");
		await open(page, "/report?lang=en");
		await page.locator("#text").fill(TEXT);
		const before = await page.evaluate(() => history.length);
		if (way === "the link") {
			await page.locator("#exit").click();
		} else {
			for (const key of ["Shift", "Shift", "a", "Shift"])
				await page.keyboard.press(key);
			assert.ok(page.url().includes("/report"), "not three times in a row");
			await page.keyboard.press("Shift");
			await page.keyboard.press("Shift");
		}
		await page.waitForURL("**/exit");
		await soon(() => page.evaluate(() => history.length), before);
		await soon(() => page.evaluate(() => document.body.textContent.trim()), "");
		await page.goBack();
		await page.waitForURL("**/?lang=en");
		noConsoleErrors(page);
		await closePages();
	});

story("leaving at once without scripts is a link, the second thing the keyboard meets", async () => {
	const page = await newPage(PHONE);

	await open(page, "/report?lang=en");
	await page.keyboard.press("Tab");
	await page.keyboard.press("Tab");
	await page.locator("#exit:focus").waitFor();
	await page.keyboard.press("Enter");
	await page.waitForURL("**/exit");
	await closePages();
});

story("in a flood the browser proves its work in the background, while somebody reads", async () => {
	const quiet = rig.daemon;

	rig.daemon = await Daemon.start({ "limits.enabled": true, "limits.tips_burst": 2, "limits.tips_per_minute": 1, "limits.proof_wait_s": 600 });
	try {
		while (await rig.daemon.tip(TEXT).then(() => true, () => false));
		const page = await newPage();
		await open(page, "/report?lang=en");
		await page.locator("#text").fill(`${TEXT} In a flood.`);
		await next(page);
		await page.locator("#proof-done:visible").waitFor();
		await soon(() => page.locator("input[name=solution]").first().inputValue(), /^\d+$/);
		await axe(page);
		await next(page);
		await codeOf(page);
		noConsoleErrors(page);
		await closePages();
	} finally {
		await rig.daemon.close();
		rig.daemon = quiet;
	}
});

await run(SETTINGS);
