/* Account by account how far statements and ledger say the same; and the money of breaks that is in suspense. */

import { get } from "../../api.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Table } from "../../ui/table.js";
import { Day, Money, sayMoney } from "../../ui/values.js";
import { say } from "../../words.js";
import { AGES, Ages, breakColumns, CLASSES } from "./breaks.js";
import { byHand, Quarantine } from "./hand.js";

const columns = [
	{ key: "account", word: "money_account", value: (one) => one.account },
	{ key: "last", word: "money_last_day", value: (one) => html`<${Day} at=${one.last_date} />` },
	{ key: "closing", word: "money_by_bank", numeric: true, value: (one) => html`<${Money} fen=${one.closing} />` },
	{ key: "ledger", word: "money_by_ledger", numeric: true, value: (one) => html`<${Money} fen=${one.ledger} />` },
	{ key: "difference", word: "money_difference", numeric: true, value: (one) => one.difference === 0 ? say("money_no_difference") : html`<strong><${Money} fen=${one.difference} /></strong>` },
	{ key: "matched", word: "money_matched_of", numeric: true, value: (one) => `${one.matched}/${one.lines}` },
	{ key: "unmatched", word: "money_unmatched", numeric: true, value: (one) => one.unmatched === 0 ? "0" : `${one.unmatched} · ${sayMoney(one.unmatched_fen)}` },
	{ key: "open", word: "money_breaks", numeric: true, value: (one) => one.open },
];

/* Those of all accounts together. */
function sum(accounts) {
	return Object.fromEntries(CLASSES.map((name) => [name, Object.fromEntries(AGES.map((age) => [age, accounts.reduce((n, one) => n + one.ages[name][age], 0)]))]));
}

export function Reconciliation() {
	const load = useLoad(async (signal) => {
		const [{ accounts }, hand] = await Promise.all([get("/api/v1/reconciliation", signal), byHand(null, signal)]);
		return { accounts, hand };
	}, []);

	return html`<section class="page">
		<h2 id="money-title" tabindex="-1">${say("money_reconciliation")}</h2>
		<${Loaded} of=${load} what="money_reconciliation">${({ accounts, hand }) => html`
			<${Quarantine} of=${hand} accounts=${accounts} again=${load.again} />
			<${Table} caption=${say("money_accounts")} columns=${columns} rows=${accounts} of=${(one) => one.account}
				href=${(one) => `/money/statements?account=${encodeURIComponent(one.account)}`} empty="money_accounts_none" mark=${(one) => one.difference !== 0 ? "money-differs" : null} keys />
			${accounts.length > 0 ? html`<${Ages} ages=${sum(accounts)} />` : null}`}<//>
	</section>`;
}

export function Suspense() {
	const load = useLoad((signal) => get("/api/v1/suspense", signal), []);

	return html`<section class="page">
		<h2 id="money-title">${say("money_suspense")}</h2>
		<p class="hint">${say("money_suspense_hint")}</p>
		<${Loaded} of=${load} what="money_suspense">${(of) => html`
			<p>${say("money_suspense_sums", { out: sayMoney(of.debit_fen), in: sayMoney(of.credit_fen) })}</p>
			<${Table} caption=${say("money_suspense")} columns=${breakColumns} rows=${of.suspense} of=${(one) => one.id} href=${(one) => `/money/breaks/${one.id}`} empty="money_suspense_none" keys />`}<//>
	</section>`;
}
