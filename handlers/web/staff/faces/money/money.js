/*
 * Money: rewards and what is paid of them, for those who propose, approve, pay and watch; and the counter for tellers.
 * Every page is an address; what the server allows is asked of it and not reckoned here.
 */

import { go, isWithin } from "../../router.js";
import { hasRole } from "../../session.js";
import { Busy } from "../../ui/notices.js";
import { html, useEffect } from "../../ui/html.js";
import { Pages } from "../../ui/tabs.js";
import { addWords, say } from "../../words.js";
import en from "../../words/money.en.json";
import zh from "../../words/money.zh-CN.json";
import { Break, Breaks } from "./breaks.js";
import { Counter } from "./counter.js";
import { Ledger, Ledgers } from "./ledger.js";
import { Payouts } from "./payouts.js";
import { Propose } from "./propose.js";
import { Rails } from "./rails.js";
import { Reconciliation, Suspense } from "./reconciliation.js";
import { Register } from "./register.js";
import { Reward } from "./reward.js";
import { Statement, Statements } from "./statements.js";

addWords({ "zh-CN": zh, en });

const all = ["proposer", "approver", "finance", "auditor"];
const bank = ["finance", "auditor"];

/* What stands in the row of pages; the first that one's roles open is where the face begins. */
const tabs = [
	{ path: "/money/rewards", word: "money_rewards", roles: all, Page: Register, One: Reward },
	{ path: "/money/payouts", word: "money_payouts", roles: all, Page: Payouts },
	{ path: "/money/reconciliation", word: "money_reconciliation", roles: bank, Page: Reconciliation },
	{ path: "/money/statements", word: "money_statements", roles: bank, Page: Statements, One: Statement },
	{ path: "/money/breaks", word: "money_breaks", roles: bank, Page: Breaks, One: Break },
	{ path: "/money/suspense", word: "money_suspense", roles: bank, Page: Suspense },
	{ path: "/money/rails", word: "money_rails", roles: all, Page: Rails },
	{ path: "/money/ledger", word: "money_ledger", roles: all, Page: Ledgers, One: Ledger },
	{ path: "/money/counter", word: "money_counter", roles: ["cashier"], Page: Counter },
];

const others = [{ path: "/money/propose", roles: ["proposer"], Page: Propose }];

/* What somebody typed into the address may be nothing at all. */
function decoded(text) {
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/* The page of an address, and what stands in it behind the page's own path. */
function pageOf(path) {
	const page = [...tabs, ...others].find((one) => isWithin(path, one.path) && hasRole(one.roles));
	const id = page ? path.slice(page.path.length + 1) : "";

	if (!page || (id !== "" && !page.One))
		return null;
	return { Page: id === "" ? page.Page : page.One, id: decoded(id) };
}

function Begin() {
	useEffect(() => go(tabs.find((one) => hasRole(one.roles)).path, { replace: true }), []);
	return html`<${Busy} />`;
}

export default function Money({ route }) {
	const found = pageOf(route.path);

	if (route.path === "/money")
		return html`<${Begin} />`;
	return html`<div class="money-face">
		<${Pages} pages=${tabs} />
		${found ? html`<${found.Page} key=${route.path} id=${found.id} />`
			: html`<section class="page"><h2>${say("no_page")}</h2></section>`}
	</div>`;
}
