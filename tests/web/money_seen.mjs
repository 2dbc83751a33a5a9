// The money face's pages as screenshots.mjs takes them.
import { approved, importFee, inReview, LEDGER, voucher } from "./money_office.mjs";
import { signIn } from "./rig.mjs";

// Money at work, once for all pages.
let scene = null;
async function moneyScene() {
	const begun = `case-${Date.now()}`;
	const paid = await voucher(`${begun}-voucher`);
	const { id } = await inReview(begun, { override_fen: 900000, override_reason: "提前两天，避免了转移" });
	const { opened } = await importFee();

	const open = await approved(`${begun}-open`);

	return { paid, id, open: open.id, fee: opened[0].id };
}

// A page of money, as that role sees it; then what is to be done there.
const money = (role, pathOf, then = async () => {}) => async (page) => {
	scene ??= await moneyScene();
	await signIn(page, { role, path: `/money/${pathOf(scene)}` });
	await page.locator("#money-title").waitFor();
	await page.waitForFunction(() => document.querySelector(".busy") === null);
	await then(page);
};

async function lookUp(page) {
	await page.locator("#money-number").fill(scene.paid.number);
	await page.locator("#money-word").fill(scene.paid.word);
	await page.locator(".money-go").click();
	await page.locator("#money-sum").waitFor();
}

async function wrongWord(page) {
	await page.locator("#money-number").fill(scene.paid.number);
	await page.locator("#money-word").fill("AAAAAAAA");
	await page.locator(".money-go").click();
	await page.locator("#money-counter-refused").waitFor();
}

export const moneyPages = [
	{ name: "money-rewards", see: money("finance", () => "rewards") },
	{ name: "money-reward", see: money("approver", ({ id }) => `rewards/${id}`, (page) => page.locator("#money-acts ~ p button").first().click()) },
	{ name: "money-paying", see: money("finance", ({ paid }) => `rewards/${paid.id}`) },
	{ name: "money-propose", see: money("proposer", () => "propose") },
	{ name: "money-payouts", see: money("finance", () => "payouts") },
	{ name: "money-reconciliation", see: money("finance", () => "reconciliation") },
	{ name: "money-statements", see: money("finance", () => "statements") },
	{ name: "money-breaks", see: money("finance", () => "breaks") },
	{ name: "money-break", see: money("finance", ({ fee }) => `breaks/${fee}`) },
	{ name: "money-suspense", see: money("finance", () => "suspense") },
	{ name: "money-rails", see: money("finance", () => "rails") },
	{ name: "money-ledgers", see: money("finance", () => "ledger") },
	{ name: "money-ledger", see: money("finance", () => `ledger/${LEDGER}`) },
	{ name: "money-correct", see: money("finance", () => `ledger/${LEDGER}`, (page) => page.getByRole("button", { name: /^(Correct|更正) / }).first().click()) },
	{ name: "money-panel", see: money("approver-2", ({ open }) => `rewards/${open}`, (page) => page.getByRole("button", { name: /^(Panel|合议)$/ }).first().click()) },
	{ name: "money-counter", see: money("cashier", () => "counter", wrongWord) },
	{ name: "money-pay", see: money("cashier", () => "counter", lookUp) },
];
