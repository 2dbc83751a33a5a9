#!/usr/bin/env node
// What others say of the staff's pages: html-validate of the entry and of each face's first page as it is drawn, lighthouse of the entry.
import assert from "node:assert/strict";
import { lighthouse } from "./lighthouse.mjs";
import { closePages, newPage, noConsoleErrors, rig, run, signIn, soon, story, tip } from "./rig.mjs";
import { validate } from "./valid.mjs";

const TAGS = ["zh-CN", "en"];
const FACES = [["desk", "officer"], ["money", "finance"], ["audit", "auditor"], ["admin", "admin"]];

story("the staff's page is valid as it is sent", async () => {
	await validate(await (await fetch(rig.daemon.staff)).text(), "staff");
});

for (const tag of TAGS) {
	story(`the entry: valid as it is drawn: ${tag}`, async () => {
		const page = await newPage({ locale: tag });

		await page.goto(rig.daemon.staff);
		await page.locator("#account").waitFor();
		await validate(await page.content(), "entry", { drawn: true });
		await closePages();
	});

	for (const [face, role] of FACES)
		story(`/${face}: its first page is valid as it is drawn: ${tag}`, async () => {
			const page = await newPage({ locale: tag });

			await tip("在鄂尔多斯市东胜区汽车站看到一辆白色面包车");
			await signIn(page, { role, path: `/${face}` });
			await page.locator("main :is(h1, h2, h3, table, [role=tabpanel], .page)").first().waitFor();
			await soon(() => page.locator("main [aria-busy=true]").count(), 0);
			await validate(await page.content(), face, { drawn: true });
			noConsoleErrors(page);
			await closePages();
		});
}

story("the entry: lighthouse: accessibility and best practices 100", async () => {
	const scores = await lighthouse(rig.daemon.staff);

	console.log(`  entry: ${JSON.stringify(scores.of)}`);
	assert.equal(scores.of.accessibility, 100, scores.why("accessibility"));
	assert.equal(scores.of["best-practices"], 100, scores.why("best-practices"));
});

await run();
