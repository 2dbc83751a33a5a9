#!/usr/bin/env node
// What went wrong, as a visitor meets it: a page in their language that says what to do, and a way on; nothing is kept half.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { png } from "./picture.mjs";
import { fill, TEXTS } from "./public_pages.mjs";
import { axe, closePages, Daemon, newPage, noConsoleErrors, rig, run, soon, story, until } from "./rig.mjs";

const PHONE = { width: 320, height: 568, javaScript: false };
const REFUSED = [/status of [45]\d\d/];
const MIB = 1 << 20;
const TITLES = {
	404: { en: "There is no such page", "zh-CN": "没有这个页面" },
	405: { en: "This page does not open by itself", "zh-CN": "这一页不能直接打开" },
	408: { en: "It took too long to arrive", "zh-CN": "传得太慢，没有收到" },
	413: { en: "It was too large", "zh-CN": "内容太大，没有收到" },
	429: { en: "Please wait a little", "zh-CN": "请稍等一下" },
	503: { en: "This does not work right now", "zh-CN": "现在暂时办不了" },
};

const open = (page, path, tag) => page.goto(`${rig.daemon.public}${path}?lang=${tag}`);
const large = (mib) => ({ name: "film.png", mimeType: "image/png", buffer: Buffer.concat([png("film"), Buffer.alloc(mib * MIB)]) });

// How many files there are beside those of the daemon itself: whole ones and such as are not yet.
function kept() {
	const at = join(rig.daemon.state, "files");
	return existsSync(at) ? readdirSync(at, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length : 0;
}

// That page in that language, with nothing that is wider than it, and a way on that leads somewhere.
async function told(page, status, tag) {
	await page.locator("h1", { hasText: TITLES[status][tag] }).waitFor();
	await soon(() => page.evaluate(() => document.documentElement.lang), tag);
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), "wider than the screen");
	assert.deepEqual(await page.locator(".ways a").evaluateAll((all) => all.map((one) => one.pathname)), ["/", "/receipt"]);
}

async function toCheck(page, tag) {
	await open(page, "/report", tag);
	await fill(page, tag);
	await page.locator("#tip button.main").click();
	await page.locator(".answers").waitFor();
}

for (const tag of ["en", "zh-CN"]) {
	story(`no such page, and one that opens from a form only: ${tag}`, async () => {
		// The browser's own language is the other one: the address says which is wanted.
		const page = await newPage({ ...PHONE, locale: tag === "en" ? "zh-CN" : "en" });

		for (const [path, status] of [["/nothing-here", 404], ["/tips", 405], ["/report/check", 405], ["/receipt/confirm", 405], ["/claims", 405]]) {
			const answer = await open(page, path, tag);
			assert.equal(answer.status(), status);
			assert.equal(answer.headers().allow, status === 405 ? "POST" : undefined);
			await told(page, status, tag);
		}
		await page.locator(".ways a").last().click();
		await page.locator("#code").waitFor();
		await closePages();
	});

	story(`a file of 12 MiB without scripts: which limit, and all words are still there: ${tag}`, async () => {
		const page = await newPage({ ...PHONE, locale: tag === "en" ? "zh-CN" : "en" });
		const before = kept();

		await toCheck(page, tag);
		await page.locator("#file").setInputFiles(large(12));
		await page.locator("#tip button.main").click();
		await page.locator(".summary a[href='#file']", { hasText: "10 MB" }).waitFor();
		await soon(() => page.evaluate(() => document.documentElement.lang), tag);
		await page.locator(".answers", { hasText: TEXTS[tag].place }).waitFor();
		assert.equal(kept(), before, "nothing is kept half");
		await page.locator("#file").setInputFiles({ name: "door.png", mimeType: "image/png", buffer: png("door") });
		await page.locator("#tip button.main").click();
		await page.locator(".code").waitFor();
		await page.locator("#last").fill((await page.locator(".code span").allTextContents()).at(-1));
		await page.locator("main button.main").click();
		await page.locator(".state-name").waitFor();
		await page.locator("#text").fill(TEXTS[tag].add);
		const between = kept();
		await page.locator("#file").setInputFiles(large(12));
		await page.locator("#add button.main").click();
		await page.locator(".summary a[href='#file']", { hasText: "10 MB" }).waitFor();
		await soon(() => page.locator("#text").inputValue(), TEXTS[tag].add, "nothing is lost");
		assert.equal(kept(), between, "nothing is kept half");
		await closePages();
	});
}

story("with scripts a file that is too large is told before it is sent, and so is one too many", async () => {
	const page = await newPage({ width: 320, height: 568 });
	let sent = 0;

	await toCheck(page, "en");
	page.on("request", (request) => sent += request.method() === "POST" ? 1 : 0);
	await page.locator("#file").setInputFiles(large(11));
	await page.locator("#file-large", { hasText: "10 MB" }).waitFor();
	await page.locator("#tip button.main").click();
	await page.locator("#file:focus").waitFor();
	assert.equal(sent, 0, "not a byte of it");
	await axe(page);
	await page.locator("#file").setInputFiles(Array.from({ length: 6 }, (_, i) => ({ name: `${i}.png`, mimeType: "image/png", buffer: png(`${i}`) })));
	await page.locator("#file-large").waitFor({ state: "hidden" });
	await page.locator("#file-many", { hasText: "at most 5" }).waitFor();
	await page.locator("#file").setInputFiles({ name: "door.png", mimeType: "image/png", buffer: png("door") });
	await page.locator("#file-many").waitFor({ state: "hidden" });
	await page.locator("#tip button.main").click();
	await page.locator(".code").waitFor();
	noConsoleErrors(page);
	await closePages();
});

// With other limits than those of this program.
async function elsewhere(settings, work) {
	const usual = rig.daemon;

	rig.daemon = await Daemon.start(settings);
	try {
		await work();
	} finally {
		await closePages();
		await rig.daemon.close();
		rig.daemon = usual;
	}
}

story("a form that is too large as a whole, and one that comes too slowly", () => elsewhere({ "limits.upload_bytes": "4MiB", "limits.file_bytes": "2MiB", "limits.body_ms": 300 }, async () => {
	for (const [tag, status] of [["zh-CN", 413], ["en", 413], ["zh-CN", 408], ["en", 408]]) {
		const page = await newPage({ ...PHONE, locale: tag === "en" ? "zh-CN" : "en" });

		await toCheck(page, tag);
		if (status === 413) {
			await page.locator("#file").setInputFiles(large(8));
			await page.locator("#tip button.main").click();
		} else {
			// The head of a browser's request and no more of it, as over a line that breaks away.
			await page.setContent(await silence(tag));
		}
		await told(page, status, tag);
		assert.equal(kept(), 0);
		await closePages();
	}
}));

// What the daemon says to a form whose words do not come.
function silence(tag) {
	const { hostname, port } = new URL(rig.daemon.public);

	return import("node:net").then(({ connect }) => new Promise((go, fail) => {
		const line = connect(Number(port), hostname);
		let text = "";

		line.on("data", (piece) => text += piece).on("error", fail).on("close", () => {
			assert.match(text, /^HTTP\/1\.1 408 /);
			go(text.slice(text.indexOf("\r\n\r\n") + 4));
		});
		line.write(`POST /tips?lang=${tag} HTTP/1.1\r\nHost: tips\r\nAccept: text/html\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 5000\r\n\r\n`);
	}));
}

story("too many requests", () => elsewhere({ "limits.enabled": true, "limits.requests_per_second": 1 }, async () => {
	for (const tag of ["zh-CN", "en"]) {
		const page = await newPage({ ...PHONE, locale: tag === "en" ? "zh-CN" : "en" });

		// A second later there is room for one again, and a browser may be that slow.
		const answer = await until("one came too many", async () => {
			while ((await fetch(`${rig.daemon.public}/exit`)).status === 200);
			const came = await open(page, "/report", tag);
			return came.status() === 429 && came;
		});
		assert.match(answer.headers()["retry-after"], /^\d+$/);
		await page.locator("h1", { hasText: TITLES[429][tag] }).waitFor();
		await closePages();
	}
}));

story("while the store is away: a report is taken all the same, a code cannot be looked up, and that is told", () => elsewhere({ "store.timeout_ms": 1000 }, async () => {
	const page = await newPage({ ...PHONE, locale: "zh-CN" });
	const { receipt } = await rig.daemon.tip(TEXTS.en.text);

	rig.daemon.store(false);
	await open(page, "/receipt", "en");
	await page.locator("#code").fill(receipt);
	await page.locator("main button.main").click();
	await told(page, 503, "en");
	noConsoleErrors(page, REFUSED);
	await page.goto(`${rig.daemon.public}/report?lang=en`);
	await page.locator("#text").fill(TEXTS.en.text);
	await page.locator("#tip button.main").click();
	await page.locator("#tip button.main").click();
	await page.locator(".code").waitFor();
	rig.daemon.store(true);
}));

await run();
