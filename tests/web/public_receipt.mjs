#!/usr/bin/env node
// What the informant does with the code: how it fares, messages both ways, more words, a reward, the proof, paper.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { call, claim, close, message, release, reward } from "./office.mjs";
import { png } from "./picture.mjs";
import { collect, enter, fill, SETTINGS, TEXTS } from "./public_pages.mjs";
import { axe, closePages, network, newPage, noConsoleErrors, rig, run, soon, story, tip, until } from "./rig.mjs";

const PHONE = { width: 320, height: 568, javaScript: false };
const REFUSED = [/status of 4\d\d/];
const { text: TEXT, ask: ASK, add: ADD } = TEXTS.en;

const main = (page) => page.locator("main form:has(#code, #text) button.main");

story("a wrong code is told with what is wrong, and can be mended", async () => {
	const page = await newPage(PHONE);
	const { receipt } = await tip(TEXT);
	const slip = receipt.slice(0, 10) + (Number(receipt[10]) + 1) % 10 + receipt.slice(11);

	await page.goto(`${rig.daemon.public}/receipt?lang=en`);
	for (const typed of ["", "abc", receipt.slice(0, -1), slip]) {
		await page.locator("#code").fill(typed);
		// What the browser itself would ask for is left to the server, as telephones do that know no `required`.
		await page.locator("#code").evaluate((field) => field.removeAttribute("required"));
		await main(page).click();
		await page.locator(".summary a[href='#code']").waitFor();
		await soon(() => page.locator("#code").inputValue(), typed);
	}
	await page.locator("#code").fill(receipt.replace(/(.{4})/g, "$1 "));
	await main(page).click();
	await page.locator(".state-name.queued").waitFor();
	assert.ok(!page.url().includes(receipt.slice(-4)));
	noConsoleErrors(page, REFUSED);
	await closePages();
});

story("status in words, messages both ways, more words", async () => {
	const page = await newPage(PHONE);
	const made = await tip(`${TEXT} Talk.`);

	await enter(page, made.receipt, "en");
	await page.getByText("If nobody opens it for another").waitFor();
	await soon(() => page.locator(".talk li").count(), 0);
	await message(made.id, ASK);
	await page.locator("form.switches button:not([name])").click();
	await page.locator(".talk .theirs .said", { hasText: ASK }).waitFor();
	await page.locator(".state-name.claimed").waitFor();
	await page.locator("#text").fill(ADD);
	await main(page).click();
	await page.locator(".done").waitFor();
	await soon(() => page.locator(".talk .said").allTextContents(), [ASK, ADD]);
	await page.locator("#text").fill(`My code is ${made.receipt}`);
	await main(page).click();
	await page.locator(".summary a[href='#text']").click();
	await soon(() => page.locator("#text").inputValue(), `My code is ${made.receipt}`, "nothing is lost");
	await page.locator("button[name=lang][value=zh-CN]").click();
	await page.locator(".state-name", { hasText: "正在处理" }).waitFor();
	noConsoleErrors(page, REFUSED);
	await closePages();
});

const photo = (name, by) => ({ name, mimeType: "image/png", buffer: png(by) });
const asKept = async (id) => (await call("officer", "GET", `/api/v1/tips/${id}`)).json.messages;

story("photos are added afterwards without scripts, alone or with words; what is refused loses no words", async () => {
	const page = await newPage(PHONE);
	const made = await tip(`${TEXT} Photos.`);

	await enter(page, made.receipt, "en");
	await page.locator("#file").setInputFiles([photo("door.png", "Zhang"), photo("car.png", "Li")]);
	await main(page).click();
	await page.locator(".done").waitFor();
	await soon(() => page.locator(".talk .mine .with .said").allTextContents(), ["door.png", "car.png"]);
	await page.locator("#text").fill(ADD);
	await page.locator("#file").setInputFiles({ name: "note.png", mimeType: "image/png", buffer: Buffer.from("#!/bin/sh\n".repeat(9)) });
	await main(page).click();
	await page.locator(".summary a[href='#file']").click();
	await soon(() => page.evaluate(() => document.activeElement.id), "file");
	await soon(() => page.locator("#text").inputValue(), ADD, "nothing is lost");
	await page.locator("#file").setInputFiles(photo("again.png", "Wang"));
	await main(page).click();
	await page.locator(".done").waitFor();
	const messages = await asKept(made.id);
	assert.deepEqual(messages.map(({ text, files }) => [text, files.map(({ number, name }) => [number, name])]),
		[["", [[1, "door.png"], [2, "car.png"]]], [ADD, [[3, "again.png"]]]]);
	noConsoleErrors(page, REFUSED);
	await closePages();
});

story("with scripts an upload tells how far it is; a full tip offers no field for files", async () => {
	const page = await newPage({ width: 320, height: 568 });
	const made = await tip(`${TEXT} Full.`);
	const large = Buffer.concat([png("Zhao"), Buffer.alloc(3000000)]);

	await enter(page, made.receipt, "en");
	await network(page, { upload: 1000000 });
	await page.locator("#text").fill(ADD);
	await page.locator("#file").setInputFiles({ name: "film.png", mimeType: "image/png", buffer: large });
	await main(page).click();
	await until("it is told how far it is", async () => /^[1-9]\d? %$/.test(await page.locator("#progress-share").textContent()));
	await page.locator(".done").waitFor();
	await network(page);
	await page.locator("#file").setInputFiles({ name: "x.png", mimeType: "image/png", buffer: Buffer.from("#!/bin/sh\n".repeat(9)) });
	await main(page).click();
	await page.locator(".summary a[href='#file']").waitFor();
	await axe(page);
	for (const name of ["2.png", "3.png"]) {
		await page.locator("#file").setInputFiles(photo(name, name));
		await main(page).click();
		await page.locator(".talk .with .said", { hasText: name }).waitFor();
	}
	await soon(() => page.locator("#file").count(), 0, "three is all this house takes");
	assert.equal((await asKept(made.id)).length, 3);
	await page.locator("#text").fill("words go on");
	await main(page).click();
	await page.locator(".talk .said", { hasText: "words go on" }).waitFor();
	noConsoleErrors(page, REFUSED);
	await closePages();
});

story("a closed tip can be asked to be looked at again", async () => {
	const page = await newPage(PHONE);
	const made = await tip(`${TEXT} Again.`);

	await close(made.id, "unfounded");
	await enter(page, made.receipt, "en");
	await page.locator(".state-name.closed").waitFor();
	await page.locator("#text").fill(ADD);
	await page.locator("#reopen").check();
	await main(page).click();
	await page.locator(".state-name.queued").waitFor();
	await closePages();
});

story("a reward is told on the status, claimed, and paid by a voucher", async () => {
	const page = await newPage(PHONE);
	const made = await tip(`${TEXT} Reward.`);
	const path = await reward(made, "story-reward");

	await enter(page, made.receipt, "en");
	await page.locator(".waiting").waitFor();
	await page.locator(".waiting button").click();
	await page.getByText("8600.00").waitFor();
	await page.locator("input[name=rail][value=voucher]").check();
	await page.locator("form:has(input[value=claim]) button.main").click();
	await page.locator(".done").waitFor();
	await release(made, path);
	await page.locator("form.switches button:not([name])").click();
	const { voucher } = await claim(made.receipt);
	await page.getByText(voucher.number).waitFor();
	noConsoleErrors(page);
	await closePages();
});

story("a reward is declined, which is asked twice", async () => {
	const page = await newPage(PHONE);
	const made = await tip(`${TEXT} Declined.`);

	await reward(made, "story-declined");
	await collect(page, made.receipt, "en");
	const decline = page.locator("form:has(input[value=decline]) button");
	await decline.click();
	await page.locator("input[name=confirm]").waitFor({ state: "attached" });
	assert.equal((await claim(made.receipt)).status, "open", "nothing happened yet");
	await decline.click();
	await page.locator(".done").waitFor();
	assert.equal((await claim(made.receipt)).status, "declined");
	await enter(page, made.receipt, "en");
	await soon(() => page.locator(".waiting").count(), 0);
	await closePages();
});

story("the proof is saved as a file that tipctl believes", async () => {
	const page = await newPage();
	const { receipt } = await tip(`${TEXT} Proof.`);

	await until("the log holds it", async () => {
		await enter(page, receipt, "en");
		return page.locator(".leaves li").count();
	});
	await page.locator(".fold summary").last().click();
	await axe(page);
	const [saved] = await Promise.all([page.waitForEvent("download"), page.locator("form[action='/receipt/proof'] button").click()]);
	assert.equal(saved.suggestedFilename(), "proof.txt");
	const proof = join(rig.daemon.home, "proof.txt"), key = join(rig.daemon.home, "key");
	await saved.saveAs(proof);
	const log = await fetch(`${rig.daemon.public}/log/15/key`);
	writeFileSync(key, await log.text());
	assert.match(rig.daemon.tipctl("log", "check", proof, "--key", (await (await fetch(`${rig.daemon.public}/log/15/key`)).text()).trim()), /class received/);
	await closePages();
});

// The words of a PDF and how many pages it has.
function read(pdf, name) {
	const at = join(rig.daemon.home, name);

	writeFileSync(at, pdf);
	const words = spawnSync("pdftotext", ["-layout", at, "-"], { encoding: "utf8" });
	assert.equal(words.status, 0, "pdftotext (poppler-utils) is there");
	return { words: words.stdout.replaceAll("\f", "").trim(), pages: words.stdout.split("\f").length - 1 };
}

async function shown(page) {
	await page.goto(`${rig.daemon.public}/report?lang=en`);
	await fill(page, "en");
	await page.locator("#tip button.main").click();
	await page.locator("#tip button.main").click();
	await page.locator(".code").waitFor();
	return page.locator(".code span").allTextContents();
}

for (const [paper, size] of [["A4", { format: "A4" }], ["58 mm", { width: "58mm", height: "120mm" }]])
	story(`on paper of ${paper}: the code and the day, and nothing that says what for`, async () => {
		const page = await newPage();
		const groups = await shown(page);
		const { words, pages } = read(await page.pdf({ ...size, preferCSSPageSize: false }), `slip-${paper.replace(" ", "-")}.pdf`);

		assert.equal(pages, 1);
		assert.deepEqual(words.match(/\b\d{4}\b/g).slice(0, 6), groups);
		assert.doesNotMatch(words, /report|tip|reward|police|child|code of|线索|举报/i);
		assert.ok(words.length < 200, words);
		await closePages();
	});

await run(SETTINGS);
