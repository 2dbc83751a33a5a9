#!/usr/bin/env node
// A stranger's whole way, from the start to the money and the proof: on a small telephone without scripts, and by keyboard alone.
import assert from "node:assert/strict";
import { release, reward } from "./office.mjs";
import { png } from "./picture.mjs";
import { SETTINGS, TEXTS } from "./public_pages.mjs";
import { closePages, newPage, noConsoleErrors, rig, run, soon, story, until } from "./rig.mjs";

const narrow = (page) => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
const codeOf = async (page) => (await page.locator(".code span").allTextContents()).join("");

async function sent(page) {
	const { text, place } = TEXTS["zh-CN"];

	await page.goto(`${rig.daemon.public}/`);
	await page.locator("html[lang='zh-CN']").waitFor({ state: "attached" });
	await page.locator("a.next:not(.second)").click();
	await page.locator("#text").fill(text);
	await page.locator("#place").fill(place);
	await page.locator("#tip button.main").click();
	await page.locator(".answers", { hasText: place }).waitFor();
	await page.locator("#tip button.main").click();
	await page.locator(".code").waitFor();
	const code = await codeOf(page);
	await page.locator("#last").fill(code.slice(-4));
	await page.locator("main button.main").click();
	await page.locator(".state-name.queued").waitFor();
	return { receipt: code, id: await page.locator(".facts .mono").textContent() };
}

async function supplemented(page) {
	await page.locator("#text").fill(TEXTS["zh-CN"].add);
	await page.locator("#file").setInputFiles({ name: "IMG_20261120_101112.png", mimeType: "image/png", buffer: png("van") });
	await page.locator("#add button.main").click();
	await page.locator(".done").waitFor();
	await soon(() => page.locator(".talk .mine .said").allTextContents(), [TEXTS["zh-CN"].add, "IMG_20261120_101112.png"]);
}

story("on a telephone of 320 px in Chinese without scripts: report, code, supplement with a photo, reward, voucher, proof", async () => {
	const page = await newPage({ locale: "zh-CN", width: 320, height: 568, javaScript: false });
	const again = () => page.locator("form.switches button:not([name])").click();
	const made = await sent(page);

	await supplemented(page);
	const path = await reward(made, "walk");
	await again();
	await page.locator(".waiting button").click();
	await page.locator("input[name=rail][value=voucher]").check();
	await page.locator("form:has(input[value=claim]) button.main").click();
	await page.locator(".done").waitFor();
	await release(made, path);
	await again();
	await page.getByText("凭单号", { exact: true }).waitFor();
	assert.ok(await narrow(page));
	await page.locator("form[action='/receipt'] button").click();
	await until("the log holds it", async () => {
		await again();
		return page.locator(".leaves li").count();
	});
	await page.locator(".fold summary").last().click();
	const [saved] = await Promise.all([page.waitForEvent("download"), page.locator("form[action='/receipt/proof'] button").click()]);
	assert.equal(saved.suggestedFilename(), "proof.txt");
	assert.ok(await narrow(page));
	noConsoleErrors(page);
	await closePages();
});

// Tab, until that is where the keyboard is.
async function tab(page, selector) {
	for (let i = 0; i < 80; i++) {
		await page.keyboard.press("Tab");
		if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector))
			return;
	}
	throw new Error(`no way by Tab to ${selector}`);
}

async function press(page, selector) {
	await tab(page, selector);
	await page.keyboard.press("Enter");
}

story("by keyboard alone: report, code, more words, proof, what there is to collect, and away", async () => {
	const page = await newPage({ locale: "en" });

	await page.goto(`${rig.daemon.public}/`);
	await press(page, "a.next:not(.second)");
	await page.locator("#text").waitFor();
	await tab(page, "#text");
	await page.keyboard.type("A man with a white van, at the bus station of Dongsheng.");
	await press(page, "#tip button.main");
	await page.locator(".answers").waitFor();
	await press(page, "#tip button.main");
	await page.locator(".code").waitFor();
	const code = await codeOf(page);
	await press(page, "form.switches button[name=size]");
	await page.locator("html.large").waitFor({ state: "attached" });
	await tab(page, "#last");
	await page.keyboard.type(code.slice(-4));
	await page.keyboard.press("Enter");
	await page.locator(".large .state-name").waitFor();
	await tab(page, "#text");
	await page.keyboard.type("It went north.");
	await press(page, "#add button.main");
	await page.locator(".done").waitFor();
	await until("the log holds it", async () => {
		await press(page, "form.switches button:not([name])");
		await page.locator(".talk .said").waitFor();
		return page.locator(".leaves li").count();
	});
	await press(page, ".fold summary");
	await page.locator(".fold[open]").waitFor();
	const [saved] = await Promise.all([page.waitForEvent("download"), press(page, "form[action='/receipt/proof'] button")]);
	assert.equal(saved.suggestedFilename(), "proof.txt");
	await press(page, "form[action='/claims'] button");
	await page.locator(".state-name", { hasText: "Nothing at present" }).waitFor();
	for (let i = 0; i < 3; i++)
		await page.keyboard.press("Shift");
	await page.waitForURL("**/exit");
	noConsoleErrors(page);
	await closePages();
});

await run(SETTINGS);
