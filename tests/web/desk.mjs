#!/usr/bin/env node
// The desk as an officer meets it: in by token, a tip from the queue to its end; keys, languages, addresses.
import assert from "node:assert/strict";
import { axe, closePages, newPage, noConsoleErrors, rig, run, signIn, soon, story, tip } from "./rig.mjs";

const TEXT = "鄂尔多斯市东胜区汽车站门口有人带走一个哭闹的小女孩";

story("by token: queue, claim, read, close", async () => {
	const page = await newPage();
	const { id } = await tip(TEXT, { place: "东胜区汽车站" });

	await signIn(page, { role: "officer" });
	await page.waitForURL("**/desk");
	await page.locator("#queues .queue").first().waitFor();
	await axe(page);
	await page.locator("#queues .queue", { hasText: "东胜" }).click();
	await page.locator("#claim-go").click();
	await page.locator("#tip .tip-head .mono", { hasText: id }).waitFor();
	await soon(() => page.locator("#tip .tip-text").textContent(), TEXT);
	await axe(page);

	await page.getByRole("button", { name: "Note", exact: true }).click();
	await page.locator("#act-text").fill("Asked the station for its pictures");
	await page.locator("#tip .act button.main").click();
	await page.locator(".talk .note", { hasText: "Asked the station" }).waitFor();
	await page.getByRole("button", { name: "Close", exact: true }).click();
	await axe(page);
	await page.locator("#act-outcome").selectOption("referred");
	await page.locator("#act-note").fill("Found, and at home again");
	await page.locator("#tip .act button.main").click();
	await page.locator("#tip .state", { hasText: "Closed" }).waitFor();
	noConsoleErrors(page);
	const told = await rig.daemon.ask("GET", `/api/v1/tips/${id}`, { token: rig.daemon.token("officer") });
	assert.equal(told.json.state, "closed");
	await closePages();
});

story("all by keys: claim, read, write, select, back, and the help says which", async () => {
	const page = await newPage();
	const first = await tip(`${TEXT}，穿红色上衣`);
	const second = await tip("东胜区汽车站附近一辆面包车停了很久");
	const focused = () => page.evaluate(() => document.activeElement.dataset?.row ?? document.activeElement.id);

	await signIn(page, { role: "officer", path: "/desk" });
	await page.locator(`.tip-row[data-row="${second.id}"]`).waitFor();
	await page.locator("#main").focus();
	const rows = await page.locator("#rows .tip-row").evaluateAll((all) => all.map((one) => one.dataset.row));
	await page.keyboard.press("j");
	await soon(() => focused(), rows[0]);
	await page.keyboard.press("j");
	await soon(() => focused(), rows[1]);
	await page.keyboard.press("k");
	await soon(() => focused(), rows[0]);
	await page.keyboard.press("x");
	await page.keyboard.press("j");
	await page.keyboard.press("X");
	await soon(() => page.locator("#rows .pick:checked").count(), 2);
	await page.keyboard.press("x");
	await soon(() => page.locator("#rows .pick:checked").count(), 1);
	await page.keyboard.press("o");
	await page.locator("#tip .tip-head .mono", { hasText: rows[1] }).waitFor();
	await page.locator("#tip:focus").waitFor();
	await page.keyboard.press("c");
	await page.locator("#tip .lease", { hasText: "Held by you" }).waitFor();
	await page.keyboard.press("w");
	await page.locator("#act-text:focus").waitFor();
	await page.keyboard.type("j and k are letters here");
	await page.keyboard.press("Tab");
	await page.keyboard.press("Enter");
	await page.locator(".talk .note", { hasText: "j and k are letters here" }).waitFor();
	await page.keyboard.press("u");
	await soon(() => focused(), rows[0]);
	await page.keyboard.press("?");
	const help = page.getByRole("dialog");
	await help.waitFor();
	for (const key of ["j", "k", "o", "c", "x", "?"])
		await help.locator("kbd", { hasText: key }).first().waitFor();
	await axe(page);
	await page.keyboard.press("Escape");
	await help.waitFor({ state: "detached" });
	await page.keyboard.press("g");
	await page.keyboard.press("d");
	await page.waitForURL("**/desk");
	assert.ok(rows.includes(first.id) && rows.includes(second.id));
	noConsoleErrors(page);
	await closePages();
});

story("both languages, and narrow", async () => {
	const page = await newPage({ locale: "zh-CN", width: 320, height: 640 });

	const { id } = await tip(TEXT);
	await signIn(page, { role: "officer" });
	await page.locator("#queues .queue").first().waitFor();
	await soon(() => page.evaluate(() => document.documentElement.lang), "zh-CN");
	// On a narrow screen the open tip is all there is; its reasons come in the language one reads.
	await page.locator(`.tip-row[data-row="${id}"]`).click();
	await page.locator("#tip .reasons", { hasText: "涉及未成年人" }).waitFor();
	await soon(() => page.locator("#list").isVisible(), false);
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), "wider than the screen");
	await page.locator("#language").click();
	await page.locator("#tip .reasons", { hasText: "a child or a minor" }).waitFor();
	await axe(page);
	await page.locator("#language").click();
	await page.locator(".tip-close").click();
	await page.locator("#list").waitFor();
	await page.getByRole("link", { name: "我手里的线索" }).click();
	await soon(() => page.locator("#held-title span").first().textContent(), "我手里的线索");
	await page.locator("#language").click();
	await page.locator("#held-title", { hasText: "My tips" }).waitFor();
	await soon(() => page.evaluate(() => document.documentElement.lang), "en");
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
	await page.locator("#queues .queue, #queues .hint").first().waitFor();
	await soon(() => page.evaluate(() => document.activeElement.id), "main");
	await soon(() => page.title(), /^Desk/);
	await page.goBack();
	await page.getByRole("heading", { name: "There is no such page." }).waitFor();
	noConsoleErrors(page);
	await closePages();
});

await run();
