#!/usr/bin/env node
// Money in the browser: from a proposal to a paid voucher; what one may not do is told beforehand; a break by two persons.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { approved, ask, claims, feeStatement, inReview, LEDGER, must, proposed, verified, voucher } from "./money_office.mjs";
import { collect } from "./public_pages.mjs";
import { axe, closePages, newPage, noConsoleErrors, rig, run, signIn, soon, story, until } from "./rig.mjs";

// A page of that role at an address of this face.
async function at(role, path, more = {}) {
	const page = await newPage({ locale: "en", ...more });

	await signIn(page, { role, path });
	return page;
}

const says = (page, text) => page.locator("#news", { hasText: text }).waitFor();

story("from a proposal to a paid voucher", async () => {
	const tip = await verified("case-whole");
	await until("the case is known", async () => (await ask("auditor", "GET", "/api/v1/money/journal?max=500")).json.records.some((one) => one.subject === "case-whole"));

	const proposer = await at("proposer", `/money/propose?case=case-whole&tip=${tip.id}`);
	await proposer.locator("#money-propose-factor_specificity").selectOption("2");
	await axe(proposer);
	await proposer.locator("form.form button[type=submit]").click();
	await proposer.waitForURL(/\/money\/rewards\/R\d+$/);
	const id = proposer.url().split("/").at(-1);
	await proposer.getByRole("button", { name: "Submit for review" }).click();
	await proposer.locator(".money-act button[type=submit]").click();
	await proposer.locator("h2 .money-state", { hasText: "In review" }).waitFor();
	noConsoleErrors(proposer);

	const approver = await at("approver", "/money");
	await approver.waitForURL("**/money/rewards");
	await approver.getByRole("link", { name: id, exact: true }).click();
	await approver.locator("#money-differences", { hasText: "Nothing differs" }).waitFor();
	const digest = (await ask("approver", "GET", `/api/v1/rewards/${id}`)).json.reward.digest;
	assert.equal((await approver.locator(".money-digest").textContent()).replace(/\s/g, ""), digest);
	await approver.getByRole("button", { name: "Approve", exact: true }).click();
	await axe(approver);
	await approver.locator("#money-approve-note").fill("compared with the file");
	await approver.locator(".money-act button[type=submit]").click();
	await says(approver, "Approve: recorded");
	await soon(() => approver.evaluate(() => document.activeElement.id), "money-title");
	const file = (await ask("auditor", "GET", `/api/v1/rewards/${id}`)).json;
	assert.equal(file.approvals[0].digest, digest);
	noConsoleErrors(approver);

	// The informant, on a telephone without scripts.
	await until("it may be claimed", async () => (await claims({ receipt: tip.receipt })).status === "open");
	const informant = await newPage({ locale: "en", width: 320, height: 568, javaScript: false });
	await collect(informant, tip.receipt, "en");
	await informant.getByText("8600.00").waitFor();
	await informant.locator("input[name=rail][value=voucher]").check();
	await informant.locator("form:has(input[value=claim]) button.main").click();
	await informant.locator(".done").waitFor();
	assert.equal((await ask("finance", "GET", `/api/v1/rewards/${id}`)).json.reward.state, "CLAIMED");

	const finance = await at("finance", `/money/rewards/${id}`);
	await finance.getByRole("button", { name: "Release for payment" }).click();
	await finance.locator("#money-release-source option[value='cash:demo']").waitFor({ state: "attached" });
	await finance.locator("#money-release-source").selectOption("cash:demo");
	await finance.locator(".money-act button[type=submit]").click();
	await finance.locator(".money-vote", { hasText: "You want this" }).waitFor();
	await axe(finance);
	const second = await at("finance-2", `/money/rewards/${id}`);
	await second.locator(".money-vote", { hasText: "finance wants this" }).waitFor();
	await second.getByRole("button", { name: "Agree: Release" }).click();
	await says(second, "Release for payment: recorded");
	await until("the voucher is made", async () => (await claims({ receipt: tip.receipt })).voucher);
	await informant.locator("form.switches button:not([name])").click();
	const [number, word] = await informant.locator("main dl dd.mono").allTextContents();
	noConsoleErrors(informant);

	const teller = await at("cashier", "/");
	await teller.waitForURL("**/money/counter");
	await teller.locator("#money-number").pressSequentially(number.replace(/\D/g, ""));
	await soon(() => teller.locator("#money-number").inputValue(), /^\d{4} \d{4} \d{4}$/);
	await teller.locator("#money-word").pressSequentially("AAAAAAAA");
	await teller.getByRole("button", { name: "Check" }).click();
	await teller.locator("#money-counter-refused", { hasText: "At most 9 tries are left" }).waitFor();
	await axe(teller);
	await teller.locator("#money-word").fill(word);
	await teller.getByRole("button", { name: "Check" }).click();
	await teller.locator("#money-sum", { hasText: "¥8,600.00" }).waitFor();
	await teller.locator("#money-tries", { hasText: "typed for this voucher: 1. Tries left: 9" }).waitFor();
	await axe(teller);
	await teller.getByRole("button", { name: "¥8,600.00 is paid out" }).click();
	await teller.locator("#money-slip", { hasText: "demo" }).waitFor();
	await axe(teller);
	noConsoleErrors(teller, [/status of 404/]);

	const auditor = await at("auditor", `/money/rewards/${id}`);
	await auditor.locator("h2 .money-state", { hasText: "Paid" }).waitFor();
	await auditor.getByRole("region", { name: "Who did what" }).getByText("compared with the file").waitFor();
	await axe(auditor);
	assert.equal((await ask("auditor", "GET", `/api/v1/rewards/${id}`)).json.reward.state, "PAID");
	await closePages();
});

story("the register's sums are the ledger's, whatever is shown", async () => {
	await inReview("case-sums");
	const page = await at("finance", "/money/rewards");
	const { json } = await ask("finance", "GET", "/api/v1/ledger");

	await page.locator("#money-balance", { hasText: "the same" }).waitFor();
	const sum = (json.ledgers[0].encumbered / 100).toLocaleString("en", { minimumFractionDigits: 2 });
	assert.ok((await page.locator("#money-balance").textContent()).includes(`¥${sum} is encumbered`));
	await axe(page);
	await page.getByRole("search").getByLabel("State").selectOption("IN_REVIEW");
	await page.waitForURL(/state=IN_REVIEW/);
	await page.locator("tbody .money-state", { hasText: "In review" }).first().waitFor();
	await page.locator("#money-balance").waitFor({ state: "detached" });
	noConsoleErrors(page);
	await closePages();
});

story("who proposed does not approve, and is told before", async () => {
	await must("admin", "/api/v1/staff", { account: "approver-2", person: "proposer", roles: ["approver"], titles: ["approver"] });
	const { id } = await inReview("case-self");
	const page = await at("approver-2", `/money/rewards/${id}`);

	await page.locator("#money-refused", { hasText: "Approve: not by you. You proposed this reward yourself." }).waitFor();
	await soon(() => page.getByRole("button", { name: "Approve", exact: true }).count(), 0);
	await axe(page);
	const { digest } = (await ask("approver", "GET", `/api/v1/rewards/${id}`)).json.reward;
	assert.equal((await ask("approver-2", "POST", `/api/v1/rewards/${id}/approve`, { digest })).json.code, "SEPARATION");
	noConsoleErrors(page);
	await must("admin", "/api/v1/staff", { account: "approver-2", person: "approver-2", roles: ["approver"], titles: ["approver"] });
	await closePages();
});

story("set by hand: the difference stands in words, and what was seen is not what is there", async () => {
	const { id } = await inReview("case-hand", { override_fen: 900000, override_reason: "found in time" });
	const page = await at("approver", `/money/rewards/${id}`);

	await page.locator("#money-differences", { hasText: "policy gives: 1." }).waitFor();
	await page.getByRole("region", { name: /things compared/ }).getByText("¥400.00 more than the policy gives, set by hand. Reason: found in time").waitFor();
	await must("approver-2", `/api/v1/rewards/${id}/return`, { reason: "too much" });
	await must("proposer", `/api/v1/rewards/${id}/submit`, {});
	await page.getByRole("button", { name: "Approve", exact: true }).click();
	await page.locator("#money-approve-note").fill("what I had compared");
	await page.locator(".money-act button[type=submit]").click();
	await page.locator(".form-faults", { hasText: "changed since this page was opened" }).waitFor();
	await soon(() => page.locator("#money-approve-note").inputValue(), "what I had compared");
	noConsoleErrors(page, [/status of 409/]);
	assert.equal((await ask("approver", "GET", `/api/v1/rewards/${id}`)).json.reward.state, "IN_REVIEW");

	await page.reload();
	await signIn(page, { role: "approver", path: `/money/rewards/${id}` });
	await page.getByRole("button", { name: "Send back" }).click();
	await page.locator(".money-act button[type=submit]").click();
	await page.locator(".form-faults", { hasText: "is needed" }).waitFor();
	await page.locator("#money-return-reason").fill("the policy gives less");
	await page.locator(".money-act button[type=submit]").click();
	await page.locator("h2 .money-state", { hasText: "Draft" }).waitFor();

	const proposer = await at("proposer", `/money/rewards/${id}`);
	await proposer.getByText("the policy gives less").waitFor();
	await proposer.getByRole("button", { name: "Withdraw" }).click();
	await proposer.locator(".money-act button[type=submit]").click();
	await proposer.getByRole("link", { name: "Propose it anew, revised" }).click();
	await soon(() => proposer.locator("#money-propose-case").inputValue(), "case-hand");
	await proposer.locator("#money-propose-tip").waitFor();
	await proposer.locator("form.form button[type=submit]").click();
	await proposer.waitForURL(/\/money\/rewards\/R\d+$/);
	await proposer.locator("#money-differences", { hasText: "Nothing differs" }).waitFor();
	noConsoleErrors(proposer);
	await closePages();
});

story("a statement, its break, and two persons", async () => {
	const page = await at("finance", "/money/statements");

	await page.getByText("No statement was imported yet").waitFor();
	await page.locator("#money-import-account").fill("bank:main");
	await page.locator("#money-import-rail").fill("wallet");
	await page.locator("#money-file").setInputFiles({ name: "bank.csv", mimeType: "text/csv", buffer: Buffer.from(feeStatement(5)) });
	await page.locator("form.form button[type=submit]").click();
	await page.locator("#money-imported", { hasText: "Lines: 1. Matched: 0, breaks: 1" }).waitFor();
	await axe(page);
	await page.locator("form.form button[type=submit]").click();
	await page.locator("#money-imported", { hasText: "imported before" }).waitFor();
	await page.locator("#money-file").setInputFiles({ name: "bank.csv", mimeType: "text/csv", buffer: Buffer.from(feeStatement(6)) });
	await page.locator("form.form button[type=submit]").click();
	await page.locator(".form-faults", { hasText: "R10" }).waitFor();

	await page.getByRole("link", { name: "Breaks", exact: true }).click();
	await page.getByRole("row", { name: /R7 fee/ }).first().waitFor();
	await axe(page);
	await page.getByRole("region", { name: "Breaks", exact: true }).getByRole("row", { name: /R7 fee/ }).getByRole("link").first().click();
	const fee = (await must("finance", `/api/v1/ledger/${LEDGER}/fee`, { fen: 500, account: "bank:main" })).entry;
	await page.locator("#money-clear-what").fill(fee);
	await page.locator("#money-clear-reason").fill("the bank's fee of the month");
	await axe(page);
	await page.getByRole("button", { name: "Clear from suspense" }).click();
	await page.locator(".money-vote", { hasText: "You want this" }).waitFor();
	await soon(() => page.getByRole("button", { name: "Agree to it" }).count(), 0);

	const path = new URL(page.url()).pathname;
	const second = await at("finance-2", path);
	await second.locator(".money-vote", { hasText: "the bank's fee of the month" }).waitFor();
	await second.getByRole("button", { name: "Agree to it" }).click();
	await second.locator("h2 .money-state", { hasText: "Cleared" }).waitFor();
	await second.locator("#money-resolve-reason").fill("a fee");
	await second.getByRole("button", { name: "Resolve", exact: true }).click();
	await second.locator(".money-vote", { hasText: "You want this: Resolve" }).waitFor();
	await page.goto(rig.daemon.staff);
	await signIn(page, { role: "finance", path });
	await page.getByRole("button", { name: "Agree to it" }).click();
	await page.locator("h2 .money-state", { hasText: "Resolved" }).waitFor();
	assert.equal((await ask("auditor", "GET", path.replace("/money/", "/api/v1/"))).json.break.state, "resolved");

	await page.getByRole("link", { name: "Reconciliation" }).click();
	await page.getByRole("row", { name: /bank:main/ }).waitFor();
	await axe(page);
	await page.getByRole("link", { name: "Suspense" }).click();
	await page.getByText("Nothing is in suspense.").waitFor();
	noConsoleErrors(page, [/status of 409/]);
	await closePages();
});

story("a rail is held by one and goes on by another", async () => {
	const page = await at("finance", "/money/rails");

	await page.locator("#rail-wallet summary").click();
	await page.locator("#money-rail-wallet-reason").fill("the provider is away");
	await page.locator("#rail-wallet button[type=submit]").click();
	await page.locator("#rail-wallet", { hasText: "another person has to let it go on" }).waitFor();
	await axe(page);
	const second = await at("finance-2", "/money/rails");
	await second.locator("#rail-wallet", { hasText: "the provider is away" }).waitFor();
	await second.locator("#rail-wallet summary").click();
	await second.locator("#money-rail-wallet-reason").fill("it is back");
	await second.locator("#rail-wallet button[type=submit]").click();
	await second.locator("#rail-wallet .money-state", { hasText: "Running" }).waitFor();
	assert.equal((await ask("finance", "GET", "/api/v1/rails")).json.rails.find((one) => one.rail === "wallet").held, false);
	noConsoleErrors(second);
	await closePages();
});

story("what nobody knows the outcome of stands first, with its age", async () => {
	const { tip, id } = await approved("case-unknown");
	const payee = { account: "oTEST", name: "张三" };

	assert.equal((await claims({ receipt: tip.receipt, action: "claim", rail: "wallet", nonce: "unknown-1", payee })).done, true);
	for (const who of ["finance", "finance-2"])
		await must(who, `/api/v1/rewards/${id}/release`, { source: "bank:main" });
	await until("the provider is away", async () => (await ask("finance", "GET", "/api/v1/payouts?state=UNKNOWN")).json.payouts.length === 1);
	const page = await at("finance", "/money/payouts");
	await page.locator("#money-unknown", { hasText: "Of 1 nobody knows the outcome; the oldest for 0 min." }).waitFor();
	const first = page.locator("tbody tr").first();
	await first.getByText("The rail is asked by itself. Nothing to do yet.").waitFor();
	await soon(() => first.textContent(), new RegExp(`${id}-1.*Unknown.*ago`));
	await axe(page);
	await first.getByRole("button", { name: "Ask to cancel" }).click();
	await page.getByRole("dialog").getByText("what was sent may still be paid").waitFor();
	await axe(page);
	await page.locator("#money-cancel-reason").fill("the informant asked");
	await page.getByRole("dialog").getByRole("button", { name: "Ask to cancel" }).click();
	await says(page, "Ask to cancel: recorded");
	await page.locator("tbody tr", { hasText: "Being cancelled" }).getByText("A success may still win.").waitFor();
	noConsoleErrors(page);
	await closePages();
});

story("budget and trial balance, now and as it was", async () => {
	const page = await at("finance", "/money/ledger");

	await page.getByRole("link", { name: LEDGER }).click();
	await page.getByRole("region", { name: "Finances" }).waitFor();
	await axe(page);
	const before = (await ask("finance", "GET", `/api/v1/ledger/${LEDGER}`)).json;
	await page.getByRole("button", { name: "Money came in" }).click();
	await page.locator("#money-receive-fen").fill("12.5");
	await page.locator("form.form button[type=submit]").click();
	await says(page, "Money came in: recorded");
	const after = (await ask("finance", "GET", `/api/v1/ledger/${LEDGER}`)).json;
	assert.equal(after.sums.FIN.debits, before.sums.FIN.debits + 1250);
	await page.goto(rig.daemon.staff);
	await signIn(page, { role: "finance", path: `/money/ledger/${LEDGER}?seq=${before.seq}` });
	await page.locator(".money-facts", { hasText: String(before.seq) }).waitFor();
	await soon(() => page.getByRole("button", { name: "Money came in" }).count(), 0, "nothing is done in what is past");
	noConsoleErrors(page);
	await closePages();
});

// Of an open dialog.
const asked = (page) => page.getByRole("dialog");

story("an entry by hand is corrected by two, with its reversal shown first", async () => {
	const page = await at("finance", `/money/ledger/${LEDGER}`);
	const before = (await ask("finance", "GET", `/api/v1/ledger/${LEDGER}`)).json;
	const wrong = (await must("finance", `/api/v1/ledger/${LEDGER}/receive`, { fen: 4321, account: "bank:main", reason: "typed twice" })).entry;

	await page.goto(rig.daemon.staff);
	await signIn(page, { role: "finance", path: `/money/ledger/${LEDGER}` });
	await page.getByRole("region", { name: "Posted by hand" }).getByRole("row", { name: /Money came in.*¥43\.21.*typed twice/ }).waitFor();
	await axe(page);
	await page.getByRole("button", { name: `Correct ${wrong}` }).click();
	await asked(page).getByRole("row", { name: /1010 bank main.*¥43\.21/ }).waitFor();
	await asked(page).getByRole("button", { name: "Correct", exact: true }).click();
	await page.locator("#money-correct-reason-fault").waitFor();
	await axe(page);
	await page.locator("#money-correct-reason").fill("it came once");
	await asked(page).getByRole("button", { name: "Correct", exact: true }).click();
	await page.locator(".money-vote", { hasText: "You want this: Correct" }).getByText("it came once").waitFor();
	await soon(() => page.getByRole("button", { name: `Correct ${wrong}` }).count(), 0);

	const second = await at("finance-2", `/money/ledger/${LEDGER}`);
	await second.locator(".money-vote", { hasText: "¥43.21" }).getByRole("button", { name: "Agree: Correct" }).click();
	await asked(second).getByText("it came once").waitFor();
	await axe(second);
	await asked(second).getByRole("button", { name: "Correct", exact: true }).click();
	await says(second, "Correct: recorded");
	await second.getByRole("row", { name: /typed twice corrected/ }).waitFor();
	const after = (await ask("finance", "GET", `/api/v1/ledger/${LEDGER}`)).json;
	const bank = (of) => of.accounts.find((one) => one.name === "bank" && one.detail === "main").balance;
	assert.equal(bank(after), bank(before));
	assert.equal(after.sums.FIN.debits, before.sums.FIN.debits + 2 * 4321, "both stay in the book");
	noConsoleErrors(page);
	noConsoleErrors(second);
	await closePages();
});

story("every page at 320 px and in Chinese, and none for others", async () => {
	const { id } = await proposed("case-narrow");
	const page = await at("finance", "/money", { locale: "zh-CN", width: 320, height: 640 });

	for (const path of ["rewards", `rewards/${id}`, "payouts", "reconciliation", "statements", "breaks", "suspense", "rails", "ledger", `ledger/${LEDGER}`]) {
		await page.evaluate((to) => {
			const link = document.createElement("a");

			link.href = to;
			document.body.append(link);
			link.click();
			link.remove();
		}, `/money/${path}`);
		await page.locator("#money-title").waitFor();
		await page.waitForFunction(() => document.querySelector(".busy") === null);
		assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 320), `${path} is wider than the screen`);
		await axe(page);
	}
	noConsoleErrors(page);
	const teller = await at("cashier", "/money/rewards");
	await teller.getByRole("heading", { name: "There is no such page." }).waitFor();
	noConsoleErrors(teller);
	await closePages();
});

// An account of staff beyond those of the demo: { person } for signIn().
async function another(name, role) {
	const person = await rig.daemon.person(name, [[role, "000000"]]);

	await must("admin", "/api/v1/staff", { account: name, person: name, roles: [role] });
	return person;
}

story("a code is lost: two who had no part in the reward type the same from the papers", async () => {
	const { id, tip } = await approved("case-lost");
	const third = await another("approver-3", "approver");
	const type = async (page, name) => {
		await page.locator("#money-panel-cause").selectOption("lost_secret");
		await page.locator("#money-panel-document").fill("ab".repeat(32));
		await page.locator("#money-panel-rail").selectOption("wallet");
		await page.locator("#money-panel-account").fill("oLOST");
		await page.locator("#money-panel-name").fill(name);
		await page.locator(".money-act button[type=submit]").click();
	};
	const page = await at("approver-2", `/money/rewards/${id}`);

	await page.getByRole("button", { name: "Panel" }).click();
	await page.locator(".money-act h4", { hasText: "¥8,600.00 go to the account" }).waitFor();
	await page.locator("#money-panel-rail option[value=wallet]").waitFor({ state: "attached" });
	await soon(() => page.locator("#money-panel-rail option[value=voucher]").count(), 0);
	await axe(page);
	await type(page, "李四");
	await page.locator(".money-vote", { hasText: "You want this: Panel" }).waitFor();
	assert.ok(!(await page.locator("main").innerText()).includes("oLOST"), "not shown again");
	const second = await newPage({ locale: "en" });
	await signIn(second, { person: third, path: `/money/rewards/${id}` });
	await second.locator(".money-vote", { hasText: "is not shown" }).waitFor();
	await second.locator("#money-panel-rail option[value=wallet]").waitFor({ state: "attached" });
	await type(second, "李五");
	await second.locator(".form-faults", { hasText: "compare with the papers" }).waitFor();
	await axe(second);
	await second.locator("#money-panel-name").fill("李四");
	await second.locator(".money-act button[type=submit]").click();
	await second.locator("h2 .money-state", { hasText: "Claimed" }).waitFor();
	await soon(async () => (await claims({ receipt: tip.receipt })).panel, "bound");
	noConsoleErrors(page);
	noConsoleErrors(second, [/status of 409/]);
	await closePages();
});

story("tax that is withheld is told beside what is paid, and remitted", async () => {
	const { text } = (await ask("admin", "GET", "/api/v1/policies/ordos-anti-trafficking")).json;
	const draft = await must("admin", "/api/v1/policies", { text: text.replace('"version": 1', '"version": 2').replace('"tax_bp": 0', '"tax_bp": 2000') });
	await must("approver", `/api/v1/policies/${draft.policy.hash}/adopt`, {});
	const paid = await voucher("case-taxed");
	assert.equal((await ask("cashier", "POST", "/api/v1/counter/vouchers/redeem", { number: paid.number, word: paid.word, amount_fen: 688000 })).status, 200);

	const page = await at("finance", `/money/rewards/${paid.id}`);
	const facts = page.locator(".card .money-facts").first();
	await facts.getByText("¥6,880.00").first().waitFor();
	await soon(() => facts.innerText(), /Tax withheld\s+¥1,720\.00[^]*Tax not remitted yet\s+¥1,720\.00/);
	await page.getByRole("button", { name: "Remit the tax" }).click();
	await page.locator(".money-act h4", { hasText: "¥1,720.00" }).waitFor();
	await page.locator("#money-tax-account option[value='bank:main']").waitFor({ state: "attached" });
	await page.locator("#money-tax-account").selectOption("bank:main");
	await axe(page);
	await page.locator(".money-act button[type=submit]").click();
	await says(page, "Remit the tax: recorded");
	await soon(() => facts.innerText(), /Tax not remitted yet\s+¥0\.00/);
	await soon(() => page.getByRole("button", { name: "Remit the tax" }).count(), 0);
	await page.getByRole("region", { name: /Postings/ }).getByRole("row", { name: /L16.*2030 tax withheld.*¥1,720\.00/ }).waitFor();
	assert.equal((await ask("finance", "POST", `/api/v1/rewards/${paid.id}/tax`, { account: "bank:main" })).json.code, "NOTHING_OWED");
	noConsoleErrors(page);
	await closePages();
});

// A statement of today in China in which nothing happened.
function quietStatement(account, yuan) {
	const day = new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 10);
	const name = account.split(":")[1];

	return { day, body: `statement,account,date,sequence,opening,closing,count\nstatement,${name},${day},,${yuan},${yuan},0\nline,line_id,instruction_id,provider_ref,direction,amount,booked_at,kind\n` };
}

async function importQuiet(account, rail, yuan) {
	const { day, body } = quietStatement(account, yuan);
	const answer = await fetch(`${rig.daemon.staff}/api/v1/statements?${new URLSearchParams({ account, rail, ledger: LEDGER })}`, { method: "POST", body,
		headers: { "Content-Type": "text/csv", Authorization: `Bearer ${rig.daemon.token("finance")}` } });

	assert.ok(answer.status < 300, await answer.text());
	return day;
}

story("after a restore nothing is paid until two have compared; what is missing is named", async () => {
	await must("finance", "/api/v1/money/restored", { reason: "the disk was changed" });
	const page = await at("finance", "/money/payouts");

	await page.locator(".alarm", { hasText: "The journal was restored" }).getByRole("link", { name: "Reconciliation" }).click();
	await page.locator("#money-quarantine").waitFor();
	await axe(page);
	const day = await importQuiet("bank:main", "wallet", "5.00");
	const agree = async (on) => {
		await on.locator("#money-reconciled-until").fill(day);
		await on.locator("#money-reconciled-reason").fill("held against the statements of all accounts");
		await on.locator("#money-quarantine form button[type=submit]").click();
		await asked(on).getByRole("button", { name: "End the quarantine" }).click();
	};
	await agree(page);
	await asked(page).getByText(/A statement is missing: import it first.*cash:demo/).waitFor();
	await axe(page);
	await asked(page).getByRole("button", { name: "Cancel" }).click();
	await importQuiet("cash:demo", "voucher", "50000.00");
	await agree(page);
	await page.locator(".money-vote", { hasText: "You want this: End the quarantine" }).waitFor();
	const second = await at("finance-2", "/money/reconciliation");
	await second.locator(".money-vote", { hasText: day }).getByRole("button", { name: "Agree: End the quarantine" }).click();
	await asked(second).getByRole("button", { name: "End the quarantine" }).click();
	await second.locator("#money-quarantine").waitFor({ state: "detached" });
	assert.equal((await ask("finance", "GET", "/api/v1/payouts")).json.quarantine ?? null, null);
	noConsoleErrors(page, [/status of 409/]);
	noConsoleErrors(second);
	await closePages();
});

story("a year is closed by two, once the next one is there; what lapses and what goes over is told", async () => {
	await approved("case-over");
	const page = await at("finance", `/money/ledger/${LEDGER}`);
	const next = LEDGER.replace(/\d{4}$/, (year) => Number(year) + 1);
	const before = (await ask("finance", "GET", `/api/v1/ledger/${LEDGER}`)).json;
	const yuan = (fen) => `¥${(fen / 100).toLocaleString("en", { minimumFractionDigits: 2 })}`;

	assert.equal((await ask("finance", "POST", `/api/v1/ledger/${LEDGER}/close_year`, { next })).json.code, "YEAR_CLOSED");
	await page.locator("#money-year", { hasText: `${next} has to be there` }).waitFor();
	await page.locator("#money-open-year").click();
	await asked(page).getByRole("button", { name: "Open the next year" }).click();
	await page.locator("#money-close-year").waitFor();
	await page.locator(".money-face a[href=\"/money/ledger\"]").first().click();
	await page.getByRole("link", { name: next }).click();
	await page.getByRole("button", { name: "Appropriate" }).waitFor();
	await axe(page);
	await page.goBack();
	await page.getByRole("link", { name: LEDGER }).click();
	await page.locator("#money-close-year").waitFor();
	await page.locator("#money-year", { hasText: yuan(before.available) }).waitFor();
	await axe(page);
	await page.locator("#money-close-year").click();
	await asked(page).getByText(yuan(before.available)).waitFor();
	await axe(page);
	await asked(page).getByRole("button", { name: "Close the year" }).click();
	await page.locator(".money-vote", { hasText: "You want this: Close the year" }).waitFor();
	const second = await at("finance-2", `/money/ledger/${LEDGER}`);
	await second.getByRole("button", { name: "Agree: Close the year" }).click();
	await asked(second).getByText(next).waitFor();
	await asked(second).getByRole("button", { name: "Close the year" }).click();
	await second.locator("#money-year", { hasText: "This year is closed" }).getByRole("link", { name: next }).waitFor();
	await soon(() => second.getByRole("button", { name: "Money came in" }).count(), 0, "nothing is posted by hand any more");
	const after = (await ask("finance", "GET", `/api/v1/ledger/${LEDGER}`)).json;
	assert.deepEqual([after.available, after.encumbered, after.lapsed], [0, 0, before.lapsed + before.available + before.encumbered]);
	assert.ok(before.encumbered > 0);
	assert.equal((await ask("finance", "GET", `/api/v1/ledger/${next}`)).json.encumbered, before.encumbered);
	noConsoleErrors(page);
	noConsoleErrors(second);
	await closePages();
});

/* A provider that is not there: nobody listens on that port. */
const home = mkdtempSync(join(tmpdir(), "tipline-money-"));
writeFileSync(join(home, "key"), "0123456789abcdef0123456789abcdef", { mode: 0o600 });
const away = { driver: "http", url: "http://127.0.0.1:1", method: "wallet", key_id: "test-1", key_file: join(home, "key") };

await run({ "money.rails": "voucher,wallet", "payout.rails.voucher.driver": "voucher",
	...Object.fromEntries(Object.entries(away).map(([name, value]) => [`payout.rails.wallet.${name}`, value])) });
rmSync(home, { recursive: true });
