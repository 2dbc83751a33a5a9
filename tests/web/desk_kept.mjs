#!/usr/bin/env node
// What is kept: what an officer was typing when a session ended, for that officer alone; and tips under a legal hold.
import assert from "node:assert/strict";
import { axe, closePages, newPage, noConsoleErrors, rig, run, signIn, soon, story, tip } from "./rig.mjs";

const TYPED = "Asked the station for its pictures of that day";
const ENDED = [/status of 401/];

// Somebody with an account and the keys of a region.
async function worker(name, role = "officer") {
	const person = await rig.daemon.person(name, [[role, "150600"]]);

	rig.daemon.tipctl("key", "--state", rig.daemon.state, "grant", name, "150600");
	return person;
}

// In at the page as it is: nothing of it is loaded anew. later: a code serves once.
async function comeIn(page, person, later = 0) {
	await page.locator("#account").fill(person.name);
	await page.locator("#password").fill(person.password);
	await page.locator("#totp").fill(person.code(later));
	await page.locator("form button[type=submit]").click();
	await page.locator("#sign-out").waitFor();
}

// An administrator ends all sessions of the person, and those that begin within the same second.
async function signOut(person) {
	rig.daemon.tipctl("user", "sign_out", "--state", rig.daemon.state, person.name);
	await new Promise((go) => setTimeout(go, 1000 - Date.now() % 1000));
}

// The page hears of it as soon as it asks for something.
async function endSessions(page, person) {
	await signOut(person);
	await page.locator("#account").waitFor();
	await page.getByRole("alert").first().waitFor();
}

// A tip in the hands of that person, open, with the form of that action and something typed into it.
async function typing(page, person, text, action, type) {
	const { id } = await tip(text);

	await signIn(page, { person, path: `/desk?tip=${id}` });
	await page.locator('[data-act="claim"]').click();
	await page.locator("#tip .lease", { hasText: "Held by you" }).waitFor();
	await page.locator(`[data-act="${action}"]`).click();
	await type();
	return id;
}

story("a session that ends while somebody types: the text is there again after the same person's sign-in", async () => {
	const page = await newPage();
	const person = await worker("bai");
	const id = await typing(page, person, "东胜区汽车站出口有人拉着一个不肯走的孩子", "note", () => page.locator("#act-text").fill(TYPED));

	await endSessions(page, person);
	assert.ok(!(await page.content()).includes(TYPED), "it stands on no page meanwhile");
	await comeIn(page, person, 1);
	await soon(() => page.locator("#act-text").inputValue(), TYPED);
	await page.getByText("Here is what you had typed").waitFor();
	await axe(page);
	await page.locator("#tip .act button.main").click();
	await page.locator(".talk .note", { hasText: TYPED }).waitFor();
	await page.locator('[data-act="note"]').click();
	await soon(() => page.locator("#act-text").inputValue(), "", "what was sent is no draft");
	noConsoleErrors(page, ENDED);
	const { json } = await rig.daemon.ask("GET", `/api/v1/tips/${id}`, { token: rig.daemon.token("officer") });
	assert.deepEqual(json.messages.map((message) => message.text), [TYPED]);
	await closePages();
});

story("an outcome that was refused because the session had ended keeps its choice and its words", async () => {
	const page = await newPage({ width: 320, height: 640 });
	const person = await worker("cui");

	await typing(page, person, "东胜区小学门口有人给孩子看手机拍的照片", "close", async () => {
		await page.locator("#act-outcome").selectOption("referred");
		await page.locator("#act-note").fill(TYPED);
	});
	await signOut(person);
	// Whether the page hears of it before or by this, nothing of it is lost.
	await page.locator("#tip .act button.main").click({ timeout: 5000 }).catch(() => {});
	await page.locator("#account").waitFor();
	await comeIn(page, person, 1);
	await soon(() => page.locator("#act-note").inputValue(), TYPED);
	await soon(() => page.locator("#act-outcome").inputValue(), "referred");
	await page.locator("#tip .act button.main").click();
	await page.locator("#tip .state", { hasText: "Closed" }).waitFor();
	noConsoleErrors(page, ENDED);
	await closePages();
});

story("nobody else gets it, nor the same person after that", async () => {
	const page = await newPage();
	const person = await worker("dou");
	const other = await worker("fan");
	const id = await typing(page, person, "东胜区公园里有人拿着好几个孩子的户口本", "message", () => page.locator("#act-text").fill(TYPED));

	await endSessions(page, person);
	await comeIn(page, other);
	await page.locator(`.tip-row[data-row="${id}"], #rows, #list .hint`).first().waitFor();
	await soon(() => page.locator("#act-text").count(), 0);
	await page.locator("#sign-out").click();
	await comeIn(page, person, 1);
	await page.getByRole("link", { name: "My tips" }).click();
	await page.locator(`.tip-row[data-row="${id}"]`).click();
	await page.locator('[data-act="message"]').click();
	await soon(() => page.locator("#act-text").inputValue(), "");
	noConsoleErrors(page, ENDED);
	await closePages();
});

story("another tip meanwhile, and given up", async () => {
	const page = await newPage();
	const person = await worker("gan");
	const other = await tip("康巴什区有人在路边卖来历不明的奶粉");
	const id = await typing(page, person, "东胜区汽车站后门停着一辆没有牌照的面包车", "note", () => page.locator("#act-text").fill(TYPED));

	await page.locator(`.tip-row[data-row="${other.id}"]`).click();
	await page.locator("#tip .tip-head .mono", { hasText: other.id }).waitFor();
	await soon(() => page.locator("#act-text").count(), 0);
	await page.getByRole("link", { name: "My tips" }).click();
	await page.locator(`.tip-row[data-row="${id}"]`).click();
	await soon(() => page.locator("#act-text").inputValue(), TYPED);
	await page.getByRole("button", { name: "Cancel" }).click();
	await page.locator('[data-act="note"]').click();
	await soon(() => page.locator("#act-text").inputValue(), "");
	noConsoleErrors(page);
	await closePages();
});

story("a legal hold: set with its ground, seen on the tip, lifted by two", async () => {
	const page = await newPage();
	const { id } = await tip("东胜区法院要调取的一条线索，孩子在站台上");
	const hao = await worker("hao", "verifier");
	const kong = await worker("kong", "verifier");
	const held = page.locator("#tip .facts dd", { hasText: "by hao" });
	const officer = await newPage();

	await signIn(officer, { role: "officer", path: `/desk?tip=${id}` });
	await officer.locator('[data-act="claim"]').waitFor();
	assert.equal(await officer.locator('[data-act="hold"]').count(), 0, "for verifiers and administrators");
	await signIn(page, { person: hao, path: `/desk?tip=${id}` });
	await page.locator('[data-act="hold"]').click();
	await page.locator("#act-reason").selectOption("court");
	await axe(page);
	await page.locator("#tip .act button.main").click();
	await page.locator(".form-faults a", { hasText: "On what it rests" }).waitFor();   // without words none is set
	await page.locator("#act-note").fill("Order 2026-17 of the district court");
	await page.locator("#tip .act button.main").click();
	await held.waitFor();
	await page.locator("#tip .tip-head .mark", { hasText: "Legal hold" }).waitFor();
	const why = page.locator(".talk .note", { hasText: "Order 2026-17" });
	await soon(() => why.textContent(), /hao.*2026.*Order of a court/s);   // who, when, why
	await soon(() => page.locator('[data-act="hold"]').count(), 0);
	await axe(page);

	await page.locator('[data-act="lift"]').click();
	await page.locator("#act-reason").selectOption("ended");
	await page.locator("#act-note").fill("The court has its copy");
	await page.locator("#tip .act button.main").click();
	await page.locator("#tip .facts dd", { hasText: "hao asked for its end" }).waitFor();
	await soon(() => page.locator('[data-act="lift"]').count(), 0, "the second word is another's");

	const second = await newPage({ locale: "zh-CN" });
	await signIn(second, { person: kong, path: `/desk?tip=${id}` });
	await second.locator('[data-act="lift"]').click();
	await second.locator("#act-reason").selectOption("ended");
	await second.locator("#act-note").fill("已核对");
	await axe(second);
	await second.locator("#tip .act button.main").click();
	await second.locator('[data-act="hold"]').waitFor();
	const { json } = await rig.daemon.ask("GET", `/api/v1/tips/${id}`, { token: rig.daemon.token("officer") });
	assert.equal(json.hold, null);
	noConsoleErrors(page);
	noConsoleErrors(second);
	noConsoleErrors(officer);
	await closePages();
});

await run();
