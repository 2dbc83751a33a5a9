#!/usr/bin/env node
// The desk as an officer meets it: in by token, a tip from the queue to its end; keys, languages, addresses.
import assert from "node:assert/strict";
import { axe, closePages, newPage, noConsoleErrors, rig, run, signIn, story, tip } from "./rig.mjs";

const TEXT = "鄂尔多斯市东胜区汽车站门口有人带走一个哭闹的小女孩";

// Claims from the queue in which the tip waits, and has it open.
async function claim(page, id) {
	const { json } = await rig.daemon.ask("GET", `/api/v1/tips/${id}`, { token: rig.daemon.token("officer") });

	await page.locator(`#queues [data-region="${json.region}"]`).click();
	await page.locator("#claim-go").click();
	await page.locator("#tip .tip-head .mono", { hasText: id }).waitFor();
}

story("by token: queue, claim, read, close", async () => {
	const page = await newPage();
	const { id } = await tip(TEXT, { place: "东胜区汽车站" });

	await signIn(page, { role: "officer" });
	await page.waitForURL("**/desk");
	await page.locator("#queues .queue").first().waitFor();
	await axe(page);
	await claim(page, id);
	assert.equal(await page.locator("#tip .tip-text").textContent(), TEXT);
	await axe(page);

	await page.getByRole("button", { name: "Note", exact: true }).click();
	await page.locator("#act-text").fill("Asked the station for its pictures");
	await page.locator("#act button.main").click();
	await page.locator(".talk .note", { hasText: "Asked the station" }).waitFor();
	await page.getByRole("button", { name: "Close", exact: true }).click();
	await axe(page);
	await page.locator("#act-note").fill("Found, and at home again");
	await page.locator("#act button.main").click();
	await page.locator("#tip .state", { hasText: "Closed" }).waitFor();
	noConsoleErrors(page);
	const told = await rig.daemon.ask("GET", `/api/v1/tips/${id}`, { token: rig.daemon.token("officer") });
	assert.equal(told.json.state, "closed");
	await closePages();
});

story("by keys alone, and the help says which", async () => {
	const page = await newPage();
	const { id } = await tip(`${TEXT}，穿红色上衣`);

	await signIn(page, { role: "officer" });
	await claim(page, id);
	await page.locator("#main").focus();
	await page.keyboard.press("j");
	assert.equal(await page.evaluate(() => document.activeElement.className), "tip-row");
	await page.keyboard.press("o");
	assert.equal(await page.evaluate(() => document.activeElement.id), "tip");
	await page.keyboard.press("?");
	const help = page.getByRole("dialog");
	await help.waitFor();
	for (const key of ["j", "k", "o", "?"])
		await help.locator("kbd", { hasText: key }).first().waitFor();
	await axe(page);
	await page.keyboard.press("Escape");
	await help.waitFor({ state: "detached" });
	await page.keyboard.press("g");
	await page.keyboard.press("d");
	await page.waitForURL("**/desk");
	noConsoleErrors(page);
	await closePages();
});

story("both languages, and narrow", async () => {
	const page = await newPage({ locale: "zh-CN", width: 320, height: 640 });

	await signIn(page, { role: "officer" });
	await page.locator("#queues .queue").first().waitFor();
	assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-CN");
	assert.equal(await page.locator("#held-title span").first().textContent(), "我手里的线索");
	await page.locator("#language").click();
	await page.locator("#held-title", { hasText: "My tips" }).waitFor();
	assert.equal(await page.evaluate(() => document.documentElement.lang), "en");
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), "wider than the screen");
	await axe(page);
	noConsoleErrors(page);
	await closePages();
});

story("addresses: unknown ones, those of others, back", async () => {
	const page = await newPage();

	await signIn(page, { role: "officer", path: "/money/rewards" });
	await page.getByRole("heading", { name: "There is no such page." }).waitFor();
	await axe(page);
	await page.getByRole("link", { name: "Desk" }).first().click();
	await page.locator("#queues .queue").first().waitFor();
	assert.equal(await page.evaluate(() => document.activeElement.id), "main");
	assert.match(await page.title(), /^Desk/);
	await page.goBack();
	await page.getByRole("heading", { name: "There is no such page." }).waitFor();
	noConsoleErrors(page);
	await closePages();
});

await run();
