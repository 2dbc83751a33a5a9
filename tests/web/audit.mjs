#!/usr/bin/env node
// The auditor's face: from a figure down to the leaf of the public log, the journal counted again in the browser, earlier
// points of time, samples that repeat, and who saw what.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "./daemon.mjs";
import { Office } from "./paid.mjs";
import { axe, closePages, newPage, noConsoleErrors, rig, ROOT, run, signIn, soon, story } from "./rig.mjs";

const BUILD = join(ROOT, process.env.TIPLINE_BUILD ?? "build");
const FEN = 860000;   // what the demo's policy gives for such a case
const SAID = "¥8,600.00";
let office, paid;

// A reward that was paid, one to be claimed and one proposed; made by the first story that runs.
async function demo() {
	if (paid)
		return;
	office = new Office(rig.daemon);
	await office.ready();
	const first = await office.paid("case-1");

	await office.approved("case-2");
	await office.proposed("case-3");
	paid = first;
}

async function audit(options = {}) {
	await demo();
	const page = await newPage(options);

	await signIn(page, { role: "auditor", path: options.path ?? "/audit" });
	return page;
}

// The page as an address opens it, without signing in anew: a token does not outlive a reload.
async function go(page, path) {
	await page.evaluate((to) => {
		history.pushState(null, "", to);
		dispatchEvent(new PopStateEvent("popstate"));
	}, path);
}

async function asOf(page, value) {
	await page.getByRole("textbox", { name: /^As of/ }).fill(String(value));
	await page.getByRole("textbox", { name: /^As of/ }).press("Enter");
}

const cell = (page, caption, row, column) => page.getByRole("table", { name: caption }).locator(`tr[data-row="${row}"]`).locator("th, td").nth(column);   // -1: the last one

async function fits(page) {
	const wide = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
		.filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".table-box")).map((one) => one.outerHTML.slice(0, 200)));

	assert.deepEqual(wide, [], `wider than the screen: ${page.url()}`);
}

// A command of the page with the places of this daemon in it, as a keeper of the machine types it.
function typed(text, places) {
	const words = text.trim().split(/\s+/).map((word) => word.replace(/^STATE\b/, rig.daemon.state).replace(/^ADDRESS$/, places.store).replace(/^(\S+\.(?:tar|jsonl))$/, join(rig.daemon.home, "$1")));

	assert.equal(words.shift(), "tipctl");
	return spawnSync(join(BUILD, "tipctl"), words, { encoding: "utf8" });
}

// Each leaf that the pack has of the log is, byte for byte, where the public log has it.
async function sameLeaves(pack, log) {
	const cut = spawnSync("tar", ["-xOf", join(rig.daemon.home, pack), `${log}/leaves.jsonl`], { encoding: "utf8" });
	const leaves = cut.stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
	const { size } = await (await fetch(`${rig.daemon.public}/log/${log}/status`)).json();
	const tile = Buffer.from(await (await fetch(`${rig.daemon.public}/log/${log}/tile/entries/000${size < 256 ? `.p/${size}` : ""}`)).arrayBuffer());

	assert.ok(leaves.length >= 2, `received and worked on: ${cut.stderr}${cut.stdout}`);
	for (const { index, leaf } of leaves)
		assert.equal(tile.subarray(index * 70 + 2, (index + 1) * 70).toString("base64"), leaf);
}

const store = () => `unix:${join(rig.daemon.state, "redis", "redis.sock")}`;

story("a payout, from the overview down to the tip's leaf in the public log", async () => {
	const page = await audit();
	const book = Office.book();

	await page.getByRole("heading", { name: "Overview" }).waitFor();
	await soon(() => cell(page, "Budget by book", book, 4).textContent(), SAID);
	await soon(() => page.locator("#chain").textContent(), /Not read again/);
	await page.locator("#check-chain").click();
	await soon(() => page.locator("#chain").textContent(), /whole|\d+/);
	await go(page, "/audit/unclaimed");
	await go(page, "/audit");
	await soon(() => page.locator("#chain").textContent(), /\d+/, "what was said stands, without another reading");
	await soon(() => cell(page, "Budget by book", book, 4).textContent(), SAID);
	await axe(page);
	await cell(page, "Budget by book", book, 4).getByRole("link").click();
	const sum = page.locator("tfoot td").last();
	await sum.waitFor();
	await soon(() => sum.textContent(), SAID, "the entries come to the figure one came from");
	await page.getByRole("link", { name: paid.reward.id }).first().click();
	await page.getByRole("heading", { name: `Dossier of reward ${paid.reward.id}` }).waitFor();
	await page.getByRole("table", { name: "Timeline" }).waitFor();
	await soon(() => page.locator(".au-facts").textContent(), new RegExp(`Paid.*${paid.tip.id}`));
	await soon(() => page.getByRole("table", { name: "How long each state lasted" }).locator("tbody tr").last().textContent(), /^Paid/);
	const steps = page.getByRole("table", { name: /^Calculation/ });
	await soon(() => steps.locator("tbody tr", { hasText: "Sum" }).locator("td").last().textContent(), SAID, "lines of the calculator are said in yuan");
	assert.doesNotMatch(await steps.textContent(), new RegExp(`\\b${FEN}\\b`));
	await axe(page);
	const last = page.getByRole("table", { name: "Timeline" }).locator("tr", { hasText: "L05:" });
	const seq = await last.getAttribute("data-row");
	await last.locator("th a").click();
	await page.getByRole("region", { name: `Entry ${seq}` }).waitFor();
	await soon(() => page.getByRole("table", { name: "Posting" }).textContent(), /1030 cash at a branch.*¥8,600\.00/);
	await page.goBack();
	await page.locator("#command-pack-tip").waitFor();

	const pack = await page.locator("#command-pack-tip").textContent();
	const check = await page.locator("#command-check").textContent();
	const made = await until("the leaves are sealed", () => {
		const done = typed(pack, { store: store() });
		return done.status === 0 ? done : null;
	});
	assert.match(made.stdout + made.stderr, /\d+ files/);
	assert.equal(typed(check, { store: store() }).status, 0);
	await sameLeaves(`${paid.tip.id}.tar`, paid.tip.id.split("-")[0]);
	noConsoleErrors(page);
	await closePages();
});

story("totals of the register are those of the ledger, at each point of time", async () => {
	const page = await audit({ path: "/audit/rewards" });
	const check = page.getByRole("table", { name: "Register against ledger" });

	await check.waitFor();
	await soon(() => cell(page, "Register against ledger", "reserved", 1).textContent(), SAID);
	await soon(() => cell(page, "Register against ledger", "paid", 3).textContent(), SAID);
	await soon(() => check.getByText("equal", { exact: true }).count(), 2);
	await axe(page);
	await page.getByLabel("State").selectOption({ label: "Paid" });
	await page.getByText("Rewards: 1").first().waitFor();
	assert.match(page.url(), /state=PAID/);
	await soon(() => page.locator("tfoot td").nth(3).textContent(), SAID);
	const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV" }).first().click()]);
	const csv = readFileSync(await file.path(), "utf8");
	assert.match(csv, /^reward,state,held,case,bureau,programme,proposed,fen,yuan,/);
	assert.equal(csv.split("\r\n").length, 3);
	assert.match(csv, new RegExp(`^${paid.reward.id},PAID,no,case-1,`, "m"));
	assert.match(csv, new RegExp(`,${FEN},8600\\.00,`));
	noConsoleErrors(page);
	await closePages();
});

story("an earlier point of time gives its figure again, after more was done", async () => {
	const page = await audit();
	const { json } = await office.call("auditor", "GET", "/api/v1/audit/summary");
	const then = json.as_of.seq;

	await page.getByRole("table", { name: "Budget by book" }).waitFor();
	const figure = () => cell(page, "Budget by book", Office.book(), 2).textContent();
	const was = await figure();
	await asOf(page, then);
	await page.getByText(`As it was after entry ${then}`).waitFor();
	await office.must("finance", `/api/v1/ledger/${Office.book()}/appropriate`, { fen: 12300, reason: "more" });
	await asOf(page, then + 1);
	await page.getByText(`As it was after entry ${then + 1}`).waitFor();
	await until("the later figure", async () => await figure() !== was);
	await asOf(page, then);
	await page.getByText(`As it was after entry ${then}`).waitFor();
	await until("the earlier figure again", async () => await figure() === was);
	await page.getByRole("link", { name: "Trial balance" }).click();
	await page.getByRole("table", { name: `${Office.book()} after entry ${then}` }).waitFor();
	assert.match(page.url(), new RegExp(`as_of=${then}`), "the point of time goes along");
	await page.getByRole("link", { name: /8020/ }).click();
	await page.locator("#closing").waitFor();
	await soon(() => page.locator("#closing").textContent(), was);
	await asOf(page, "yesterday");
	await page.getByRole("alert").waitFor();
	noConsoleErrors(page, [/status of 400/]);
	await closePages();
});

story("the journal is counted again in the browser and agrees; a line that was altered is told", async () => {
	const page = await audit({ path: "/audit/integrity" });

	await page.locator("#recount").click();
	await page.locator("#recount-result", { hasText: "agrees with the server" }).waitFor();
	await axe(page);
	const head = (await office.call("auditor", "GET", "/api/v1/money/journal?from=18&max=1")).json.records[0];
	await page.getByRole("textbox", { name: "Entry number", exact: true }).fill(head.seq);
	await page.getByLabel("Its hash").fill(head.hash);
	await page.getByLabel("Its hash").press("Enter");
	await page.locator("#anchor-result", { hasText: "It fits" }).waitFor();
	const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Take the lines along" }).click()]);
	const wrong = (done) => assert.equal(done.status, 0, done.stdout + done.stderr);
	wrong(spawnSync(join(BUILD, "tipctl"), ["verify", "--money", await file.path(), "--quiet"], { encoding: "utf8" }));
	wrong(typed(await page.locator("#command-export").textContent(), { store: store() }));
	wrong(typed(await page.locator("#command-verify").textContent(), { store: store() }));

	await page.route(/\/api\/v1\/money\/journal/, async (route) => {
		const answer = await route.fetch();
		await route.fulfill({ response: answer, body: (await answer.text()).replace('"person":"approver","account":"approver","role":"approver","subject":"R', '"person":"approver-2","account":"approver","role":"approver","subject":"R') });
	});
	await page.locator("#recount").click();
	await page.locator("#recount-result", { hasText: "the line was altered" }).waitFor();
	await soon(() => page.locator("#recount-result").textContent(), /Line 18 \(entry 18\)/);
	await axe(page);
	await page.unroute(/\/api\/v1\/money\/journal/);
	await page.route(/\/api\/v1\/money\/journal/, async (route) => {
		const answer = await route.fetch();
		await route.fulfill({ response: answer, body: (await answer.text()).replace(/\{"seq":"20",.*?"hash":"[0-9a-f]{64}"\},/, "") });
	});
	await page.locator("#recount").click();
	await page.locator("#recount-result", { hasText: "Its number does not follow" }).waitFor();
	noConsoleErrors(page);
	await closePages();
});

story("a sample is drawn again by its address", async () => {
	const page = await audit({ path: "/audit/sample" });
	const drawn = () => page.getByRole("table", { name: /^Drawn/ }).locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.dataset.row));

	await page.waitForURL(/seed=[0-9a-f]{64}\b/);
	await page.locator("#seed", { hasText: /^[0-9a-f]{64}$/ }).waitFor();
	const address = new URL(page.url());
	await soon(drawn, [paid.reward.id]);
	await page.getByLabel("Seed").fill("another");
	await page.getByLabel("Seed").press("Enter");
	await page.locator("#seed", { hasText: "another" }).waitFor();
	await axe(page);
	await go(page, address.pathname + address.search);
	await page.locator("#seed", { hasText: address.searchParams.get("seed") }).waitFor();
	await soon(drawn, [paid.reward.id]);
	noConsoleErrors(page);
	await closePages();
});

story("tests, separation and unclaimed money, each hit down to its entries", async () => {
	const page = await audit({ path: "/audit/exceptions" });

	await page.getByRole("table", { name: "Tests" }).waitFor();
	await axe(page);
	await page.getByRole("link", { name: "Fast approvals" }).click();
	await page.locator("#test-told", { hasText: /2 approvals looked at, 2 hits/ }).waitFor();
	await page.getByRole("table", { name: "Hits" }).getByRole("link", { name: "Entries: 2" }).first().click();
	await page.getByRole("table", { name: "Entries: 2" }).waitFor();
	await page.goBack();
	await page.getByLabel("Seconds").fill("5000");
	await page.getByLabel("Seconds").press("Enter");
	await page.waitForURL(/within_seconds=5000/);
	await page.locator("#test-told", { hasText: "Seconds 5000" }).waitFor();
	noConsoleErrors(page);
	await closePages();

	const other = await audit({ path: "/audit/separation" });
	await other.getByText("None. Nobody did two things").waitFor();
	await axe(other);
	await other.getByRole("table", { name: "Rewards that two persons both acted on" }).getByRole("link").first().click();
	await other.getByRole("heading", { name: "Journal" }).waitFor();
	await other.locator("tbody tr").first().waitFor();
	await go(other, "/audit/unclaimed");
	await other.getByRole("table", { name: "Rewards: 1" }).waitFor();
	await other.getByRole("table", { name: "Days from publication to claim" }).waitFor();
	await axe(other);
	noConsoleErrors(other);
	await closePages();
});

story("the auditor's own looks are in the access log; deletions and breaks say when there are none", async () => {
	const page = await audit({ path: "/audit/journal" });

	await page.locator("tbody tr").first().waitFor();
	await go(page, "/audit/access?person=auditor");
	await page.getByRole("table", { name: "Events" }).locator("tr", { hasText: "audit_entries" }).first().waitFor();
	for (let i = 0; i < 110; i++)
		await office.call("auditor", "GET", "/api/v1/audit/breaks");
	await go(page, "/audit/access");
	const numbers = () => page.getByRole("table", { name: "Events" }).locator("tbody tr").evaluateAll((rows) => rows.map((row) => Number(row.dataset.row)));
	await page.getByRole("table", { name: "Events" }).locator("tr", { hasText: "audit_breaks" }).first().waitFor();
	await soon(async () => (await numbers()).every((n, i, all) => i === 0 || n < all[i - 1]), true, "newest first");
	await axe(page);
	await page.locator(".table-more").click();
	await soon(async () => (await numbers()).length > 100, true, "back in the past");
	await soon(async () => (await numbers()).every((n, i, all) => i === 0 || n === all[i - 1] - 1), true, "none left out, none twice");
	await page.getByRole("table", { name: "Events" }).getByRole("link").first().click();
	await page.waitForURL(/from=\d+/);
	await page.locator("#newest").click();
	await page.waitForURL(/access$/);
	await go(page, "/audit/retention");
	await page.getByText("Nothing was deleted by rule yet.").waitFor();
	await go(page, "/audit/reconciliation");
	await page.getByText("No break fits.").waitFor();
	await axe(page);
	noConsoleErrors(page);
	await closePages();
});

// A debit that nobody here knows of, in a statement as a bank gives it.
async function importStatement() {
	const day = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10);
	const query = new URLSearchParams({ account: "bank:main", rail: "voucher", ledger: Office.book() });
	const file = ["statement,account,date,sequence,opening,closing,count", `statement,main,${day},,50000.00,49988.00,1`,
		"line,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind", `line,L1,,,debit,12.00,${day},payment`].join("\r\n");
	const answer = await fetch(`${rig.daemon.staff}/api/v1/statements?${query}`, { method: "POST", body: `${file}\r\n`,
		headers: { "Content-Type": "text/csv", Authorization: `Bearer ${rig.daemon.token("finance")}` } });

	assert.equal(answer.status, 201, await answer.text());
}

story("a break of a statement: by age, with its money, down to its entry, and not there before", async () => {
	const page = await audit({ path: "/audit/reconciliation" });
	const before = (await office.call("auditor", "GET", "/api/v1/audit/summary")).json.as_of.seq;

	await page.getByText("No break fits.").waitFor();
	await importStatement();
	const { json } = await office.call("auditor", "GET", "/api/v1/breaks");
	const [known] = json.breaks;
	await go(page, "/audit");
	await page.locator("#last-statement", { hasText: /\d/ }).waitFor();
	await go(page, "/audit/reconciliation");
	assert.equal(json.breaks.length, 1);
	await page.getByRole("link", { name: "bank:main" }).click();
	await page.getByRole("table", { name: "Entries: 1" }).waitFor();
	await page.goBack();
	const row = page.getByRole("table", { name: "Breaks" }).locator(`tr[data-row="${known.id}"]`);
	await row.waitFor();
	await soon(() => row.textContent(), new RegExp(`${known.class} .*${known.about.replace(/\W/g, ".")}.*¥12\\.00.*0-1`));
	await soon(() => cell(page, "Open breaks by age", "0-1", -1).textContent(), "1");
	await axe(page);
	await row.getByRole("link").first().click();
	await page.getByRole("region", { name: `Entry ${known.id.slice(1)}` }).waitFor();
	await go(page, `/audit/reconciliation?as_of=${before}`);
	await page.getByText("No break fits.").waitFor();
	noConsoleErrors(page);
	await closePages();
});

story("on a narrow screen, in Chinese, by keys alone", async () => {
	const page = await audit({ locale: "zh-CN", width: 320, path: "/audit/rewards" });

	await page.getByRole("heading", { name: "奖金登记册" }).waitFor();
	await page.locator("tbody tr").first().waitFor();
	await fits(page);
	await page.keyboard.press("j");
	await page.keyboard.press("o");
	await page.getByRole("heading", { name: `奖金 ${paid.reward.id} 的卷宗` }).waitFor();
	await page.locator("tbody tr").first().waitFor();
	await fits(page);
	await axe(page);
	noConsoleErrors(page);
	await closePages();
});

await run({ "money.rails": "voucher,wallet" });
