/* Ledger books, one a bureau, programme and year: the budget, the trial balance now or as it was, and money by hand. */

import { route } from "../../router.js";
import { hasRole } from "../../session.js";
import { Filters } from "../../ui/filters.js";
import { Form } from "../../ui/form.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { tell } from "../../ui/notices.js";
import { Table } from "../../ui/table.js";
import { Money, sayMoney } from "../../ui/values.js";
import { say } from "../../words.js";
import { act, ledger, ledgers } from "./calls.js";
import { byHand as loadByHand, Entries, Year } from "./hand.js";
import { Facts, landAtHead, sayDone, sayName } from "./parts.js";

const budget = ["authorised", "available", "encumbered", "expended", "lapsed"];

const columns = [
	{ key: "book", word: "money_book", value: (one) => one.book },
	...budget.map((name) => ({ key: name, word: `money_${name}`, numeric: true, value: (one) => html`<${Money} fen=${one[name]} />` })),
];

export function Ledgers() {
	const load = useLoad((signal) => ledgers(signal), []);

	return html`<section class="page">
		<h2 id="money-title" tabindex="-1">${say("money_ledger")}</h2>
		<p class="hint">${say("money_ledger_equation")}</p>
		<${Loaded} of=${load} what="money_ledger">${(of) => html`<${Table} caption=${say("money_ledgers")} columns=${columns} rows=${of.ledgers} of=${(one) => one.book}
			href=${(one) => `/money/ledger/${one.book}`} empty="money_ledgers_none" keys />`}<//>
	</section>`;
}

/* --- one ------------------------------------------------------------------------- */

function balance(side) {
	return (row) => row.normal === side && row.balance !== 0 ? sayMoney(row.balance) : row.normal !== side && row.balance < 0 ? sayMoney(-row.balance) : "";
}

const balanceColumns = [
	{ key: "account", word: "money_account", value: (row) => `${row.code} ${sayName("money_code", row.name)} ${row.detail}` },
	{ key: "debits", word: "money_debit", numeric: true, value: (row) => sayMoney(row.debits) },
	{ key: "credits", word: "money_credit", numeric: true, value: (row) => sayMoney(row.credits) },
	{ key: "dr", word: "money_balance_debit", numeric: true, value: balance("Dr") },
	{ key: "cr", word: "money_balance_credit", numeric: true, value: balance("Cr") },
];

function Sub({ of, name }) {
	const rows = of.accounts.filter((row) => row.sub === name);
	const sums = of.sums[name];

	return html`<${Table} caption=${say(`money_sub_${name}`)} columns=${balanceColumns} rows=${rows} of=${(row) => `${row.code} ${row.detail}`}
		foot=${{ debits: sayMoney(sums.debits), credits: sayMoney(sums.credits) }} />`;
}

const fen = { name: "fen", word: "money_amount", kind: "money", required: true, min: 1 };
const why = { name: "reason", word: "money_f_reason", kind: "area", rows: 2, maxlength: 300 };
const bank = { name: "account", word: "money_account", required: true, value: "bank:main", pattern: "bank:[0-9A-Za-z._-]+" };

const byHand = {
	appropriate: [fen, { ...why, required: true }],
	receive: [fen, bank, why],
	fund: [fen, { ...bank, name: "from", word: "money_f_from" }, { name: "to", word: "money_f_to", hint: "money_f_to_hint", required: true, pattern: "(cash|float):[0-9A-Za-z._-]+" }, why],
	fee: [fen, { ...bank, pattern: "(bank|cash|float):[0-9A-Za-z._-]+" }, why],
};

function ByHand({ book, again }) {
	const [open, become] = useState("");

	async function send(values) {
		const answer = await act(`/api/v1/ledger/${book}/${open}`, values);

		tell(sayDone(answer, say(`money_hand_${open}`)));
		become("");
		landAtHead();
		again();
	}

	return html`<section class="card" aria-labelledby="money-hand">
		<h3 id="money-hand">${say("money_hand")}</h3>
		<p class="row">${Object.keys(byHand).map((name) => html`<button key=${name} type="button" class="quiet" aria-expanded=${open === name ? "true" : "false"}
			onClick=${() => become(open === name ? "" : name)}>${say(`money_hand_${name}`)}</button>`)}</p>
		${open ? html`<${Form} key=${open} id="money-${open}" fields=${byHand[open]} submit="money_hand_${open}" send=${send} cancel=${() => become("")} />` : null}
	</section>`;
}

/* What was posted by hand is told of today alone, and to those whose work it is. */
async function whole(id, seq, signal) {
	const [of, hand] = await Promise.all([ledger(id, seq, signal), !seq && hasRole(["finance", "auditor"]) ? loadByHand(id, signal) : null]);

	return { of, hand };
}

const isOpen = (hand, book) => hand !== null && hand.years.some((one) => one.book === book && !one.closed);

export function Ledger({ id }) {
	const seq = route.query.get("seq");
	const load = useLoad((signal) => whole(id, seq, signal), [id, seq], { keep: true });

	return html`<section class="page">
		<p><a href="/money/ledger">${say("money_ledger")}</a></p>
		<h2 id="money-title" tabindex="-1">${id}</h2>
		<${Filters} fields=${[{ name: "seq", word: "money_as_of", kind: "number" }]} />
		<${Loaded} of=${load} what="money_ledger">${({ of, hand }) => html`
			<div class="card"><${Facts} rows=${[...budget.map((name) => [`money_${name}`, html`<${Money} fen=${of[name]} />`]), ["money_record", of.seq],
				["money_rewards", html`<a href="/money/rewards?book=${encodeURIComponent(id)}">${say("money_rewards_of_book")}</a>`]]} />
			</div>
			<${Sub} of=${of} name="FIN" /><${Sub} of=${of} name="BGT" />
			${hand ? html`<${Entries} of=${hand} book=${id} again=${load.again} />` : null}
			${hasRole(["finance"]) && isOpen(hand, id) ? html`<${ByHand} book=${id} again=${load.again} />` : null}
			${hand ? html`<${Year} of=${hand} ledger=${of} again=${load.again} />` : null}`}<//>
	</section>`;
}
