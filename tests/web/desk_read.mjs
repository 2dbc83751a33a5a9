#!/usr/bin/env node
// What an officer looks up: files with their clean copies, by id, by words, what is due next; and what the desk forgets.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { axe, closePages, newPage, noConsoleErrors, rig, run, signIn, soon, story, tip } from "./rig.mjs";
import { png } from "./picture.mjs";

const AUTHOR = "Zhang of the third floor";
const officer = (method, path, body) => rig.daemon.ask(method, path, { token: rig.daemon.token("officer"), body });

// A tip by the public form, with a picture; its id.
async function withPicture(text) {
	const form = new FormData();

	form.set("text", text);
	form.set("file", new Blob([png(AUTHOR)], { type: "image/png" }), "door.png");
	const answer = await fetch(`${rig.daemon.public}/tips`, { method: "POST", body: form, headers: { Origin: rig.daemon.public } });
	assert.ok(answer.ok, `${answer.status} ${await answer.text()}`);
	const { json } = await officer("GET", "/api/v1/queues/150602/tips?state=waiting&order=age");
	return json.tips.at(-1).id;
}

const row = (page, id) => page.locator(`.tip-row[data-row="${id}"]`);

async function saved(page, press) {
	const coming = page.waitForEvent("download");

	await press();
	return readFileSync(await (await coming).path());
}

story("files: the clean copy at once, the original after a warning", async () => {
	const page = await newPage();
	const id = await withPicture("东胜区一户人家门口拍到的照片，孩子在门里哭");

	await signIn(page, { role: "officer", path: `/desk?tip=${id}` });
	const file = page.locator(".files li", { hasText: "door.png" });
	const clean = await saved(page, () => file.getByRole("button", { name: "Clean copy" }).click());
	assert.equal(clean.subarray(1, 4).toString(), "PNG");
	assert.ok(!clean.includes(AUTHOR));
	await file.getByRole("button", { name: "Original" }).click();
	const warning = page.getByRole("dialog");
	await warning.getByText("audit trail").waitFor();
	await axe(page);
	const original = await saved(page, () => warning.getByRole("button", { name: "Take the original" }).click());
	assert.ok(original.equals(png(AUTHOR)));
	await warning.waitFor({ state: "detached" });
	const trail = await rig.daemon.ask("GET", "/api/v1/audit/trail?max=500", { token: rig.daemon.token("auditor") });
	assert.equal(trail.status, 200);
	assert.ok(trail.json.events.some((event) => event.event === "read_original" && event.by === "officer"));
	noConsoleErrors(page);
	await closePages();
});

story("files that came afterwards stand at their message", async () => {
	const page = await newPage();
	const { id, receipt } = await tip("东胜区同一户人家，后来又拍到了照片");
	const form = new FormData();

	form.set("file", new Blob([png(AUTHOR)], { type: "image/png" }), "later.png");
	form.set("receipt", receipt);
	const added = await fetch(`${rig.daemon.public}/api/v1/receipt`, { method: "POST", body: form });
	assert.ok(added.ok, `${added.status} ${await added.text()}`);
	await signIn(page, { role: "officer", path: `/desk?tip=${id}` });
	const file = page.locator(".talk .informant .files li", { hasText: "later.png" });
	const clean = await saved(page, () => file.getByRole("button", { name: "Clean copy" }).click());
	assert.equal(clean.subarray(1, 4).toString(), "PNG");
	assert.ok(!clean.includes(AUTHOR));
	await axe(page);
	noConsoleErrors(page);
	await closePages();
});

story("search: by the beginning of an id, and by words of what is open here", async () => {
	const page = await newPage();
	const { id } = await tip("东胜区汽车站有个老人抱着婴儿，说话是南方口音");
	const other = await tip("康巴什区有人抱着婴儿求助，南方口音");

	await signIn(page, { role: "officer", path: "/desk/search" });
	await page.getByText("because it cannot read them").waitFor();
	await page.getByLabel("Id, or how it begins").fill(id.slice(0, 8).toLowerCase());
	await page.keyboard.press("Enter");
	await row(page, id).waitFor();
	await soon(() => page.locator("#found-ids .tip-row").count(), 1);
	await page.getByLabel("Words").fill("婴儿 南方");
	await page.keyboard.press("Enter");
	await page.getByText("among the 0 texts").waitFor();
	assert.equal(new URL(page.url()).searchParams.get("words"), null, "words of a tip stand in no address");
	await row(page, id).click();
	await page.locator("#found-words .tip-row").waitFor();
	await soon(() => page.locator("#found-words .tip-row").evaluateAll((all) => all.map((one) => one.dataset.row)), [id]);
	assert.notEqual(id, other.id);
	await page.getByLabel("Id, or how it begins").fill("hello");
	await page.keyboard.press("Enter");
	await page.getByRole("alert").getByText("An id begins").waitFor();
	await axe(page);
	noConsoleErrors(page);
	await closePages();
});

story("due next: what ends first stands first, with a word for what is soon", async () => {
	const page = await newPage();
	const { id } = await tip("东胜区有人在车站门口兜售小孩用的假证件");
	const later = await tip("东胜区公园里有人打听谁家想要孩子");

	await officer("POST", `/api/v1/tips/${later.id}/claim`, { lease_s: 1200 });
	await officer("POST", `/api/v1/tips/${id}/claim`, { lease_s: 120 });
	await signIn(page, { role: "officer", path: "/desk/due" });
	await row(page, id).waitFor();
	const ids = await page.locator("#due .tip-row").evaluateAll((all) => all.map((one) => one.dataset.row));
	assert.deepEqual(ids.slice(0, 2), [id, later.id]);
	await row(page, id).locator(".lease.soon", { hasText: "only" }).waitFor();
	await page.locator("#news", { hasText: `The lease of ${id} ends soon` }).waitFor();
	await axe(page);
	await row(page, id).click();
	await page.locator('[data-act="renew"]').click();
	await page.locator("#tip .lease", { hasText: /(29|30):\d\d left|1 h left/ }).waitFor();
	noConsoleErrors(page);
	await closePages();
});

story("what is closed: found by its whole id, reopened with a reason", async () => {
	const page = await newPage();
	const { id } = await tip("东胜区电影院门口有人说要给孩子找份好工作");

	await officer("POST", `/api/v1/tips/${id}/claim`, {});
	assert.equal((await officer("POST", `/api/v1/tips/${id}/close`, { outcome: "insufficient", note: "no more came" })).status, 200);
	await signIn(page, { role: "verifier", path: `/desk/search?id=${id}` });
	await page.getByText("None found.").waitFor();
	await page.getByRole("link", { name: `Open ${id}` }).click();
	await page.locator("#tip .state", { hasText: "Closed" }).waitFor();
	await page.locator("#tip .facts", { hasText: "Too little to act on" }).waitFor();
	await page.locator('[data-act="reopen"]').click();
	await page.locator("#act-reason").fill("More came by telephone");
	await page.locator("#tip .act button.main").click();
	await page.locator("#tip .state", { hasText: "Waiting" }).waitFor();
	await row(page, id).waitFor();
	await axe(page);
	noConsoleErrors(page);
	await closePages();
});

story("what the page asks for by itself keeps nobody signed in", async () => {
	const page = await newPage();
	const rows = (unattended) => page.waitForRequest((request) => /\/queues\/\d+\/tips/.test(request.url()) &&
		(request.headers()["tipline-unattended"] ?? "") === unattended);

	let asked = rows("");
	await signIn(page, { role: "officer", path: "/desk" });
	await asked;
	asked = rows("1");
	await tip("东胜区汽车站有人跟着放学的孩子走");
	await asked;
	asked = rows("");
	await page.getByLabel("Order").selectOption("age");
	await asked;
	noConsoleErrors(page);
	await closePages();
});

story("who waits for a tip gets it, and the waiting itself claims nothing and keeps nobody signed in", async () => {
	const page = await newPage();
	const claims = [];
	const asked = [];

	const listed = page.waitForResponse((answer) => new URL(answer.url()).pathname.endsWith("/queues/310115/tips"));
	await signIn(page, { role: "officer", path: "/desk?region=310115" });
	await listed;
	await page.locator("#queues li").first().waitFor();
	await page.locator("#claim-wait").check();
	page.on("request", (request) => {
		const { pathname } = new URL(request.url());
		if (pathname.endsWith("/claim"))
			claims.push(request);
		else if (pathname.startsWith("/api/") && claims.length === 1)
			asked.push(request);
	});
	const waited = page.waitForRequest((request) => request.url().includes("wait_s=25") && !claims.includes(request) && claims.length === 1);
	await page.locator("#claim-go").click();
	await waited;
	// Of another region: something changed, and nothing is claimed for it.
	const looked = page.waitForRequest((request) => new URL(request.url()).pathname === "/api/v1/queues");
	const other = await tip("东胜区汽车站有人等在学校门口给孩子发糖");
	await looked;
	asked.length = 0;   // what the page had asked for when it came
	await page.locator("#claim-stop").waitFor();
	assert.equal(claims.length, 1);
	const { id } = await tip("上海市浦东新区一个院子里关着几个不认识的孩子");
	await page.locator("#tip .lease", { hasText: "Held by you" }).waitFor();
	await page.locator("#tip .tip-head .mono", { hasText: id }).waitFor();
	assert.equal(claims.length, 2);
	const byHand = asked.filter((request) => !request.url().includes("/changes") && request.headers()["tipline-unattended"] !== "1");
	assert.deepEqual(byHand.map((request) => request.url()), [], "asked while it waited");
	assert.notEqual(id, other.id);
	noConsoleErrors(page);
	await closePages();
});

story("what one read is gone for the next", async () => {
	const page = await newPage();
	const { id } = await tip("东胜区有一个只有我读过的句子");

	await signIn(page, { role: "officer", path: `/desk?tip=${id}` });
	await page.locator("#tip .tip-text").waitFor();
	await page.locator("#sign-out").click();
	await page.locator("#account").waitFor();
	assert.ok(!(await page.locator("body").textContent()).includes("只有我读过"));
	assert.equal(page.url(), `${rig.daemon.staff}/`, "nor is it told which tip that was");
	await page.getByRole("button", { name: "Use a token" }).click();
	await page.locator("#token").fill(rig.daemon.token("verifier"));
	await page.locator("form button[type=submit]").click();
	await page.locator("#queues").waitFor();
	await soon(() => page.locator("#tip").count(), 0, "the next one reads it by choice alone");
	await page.getByRole("link", { name: "Search" }).click();
	await page.getByLabel("Words").fill("只有我读过");
	await page.keyboard.press("Enter");
	await page.getByText("among the 0 texts").waitFor();
	noConsoleErrors(page);
	await closePages();
});

await run();
