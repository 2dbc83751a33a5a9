/*
 * The register of rewards: filters in the address, piece by piece, and the sums of all that pass; what the ledger keeps
 * for them is set beside what it has encumbered.
 */

import { hasRole } from "../../session.js";
import { route } from "../../router.js";
import { Filters } from "../../ui/filters.js";
import { html, useEffect, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Table } from "../../ui/table.js";
import { Day, Id, Money, sayMoney } from "../../ui/values.js";
import { say } from "../../words.js";
import { ledgers, rewards } from "./calls.js";
import { fromBook, State } from "./parts.js";

export const STATES = ["DRAFT", "IN_REVIEW", "AWAITING_FUNDS", "APPROVED", "CLAIMABLE", "CLAIMED", "RELEASED", "PAYING", "PAID", "RETURNED", "CLOSED",
	"REJECTED", "WITHDRAWN", "DECLINED", "EXPIRED", "REVOKED", "REVERSED"];

const columns = [
	{ key: "id", word: "money_reward", value: (one) => one.id },
	{ key: "state", word: "money_state", value: (one) => html`<${State} of=${one.state} />${one.held ? html` <${State} of="held" />` : null}` },
	{ key: "fen", word: "money_amount", numeric: true, value: (one) => html`<${Money} fen=${one.fen} />` },
	{ key: "paid", word: "money_paid", numeric: true, value: (one) => html`<${Money} fen=${one.paid_fen} />` },
	{ key: "case", word: "money_case", value: (one) => html`<${Id} of=${one.case} />` },
	{ key: "steps", word: "money_approvals", numeric: true, value: (one) => one.steps > 0 ? `${one.step}/${one.steps}` : "–" },
	{ key: "deadline", word: "money_deadline", value: (one) => html`<${Day} at=${one.deadline} />` },
	{ key: "book", word: "money_book", value: (one) => html`<a href=${fromBook(one.book)}>${one.book}</a>` },
];

function asked() {
	return { state: route.query.get("state"), book: route.query.get("book"), case: route.query.get("case") };
}

/* Only of whole books are the two the same sum. */
function Balance({ totals, books }) {
	const { state, book, case: only } = asked();
	const encumbered = books.filter((one) => !book || one.book === book).reduce((sum, one) => sum + one.encumbered, 0);
	const kept = sayMoney(totals.reserved_fen);

	if (state || only)
		return html`<p class="hint">${say("money_kept", { kept })}</p>`;
	const equal = totals.reserved_fen === encumbered;
	return html`<p class=${equal ? "money-agrees" : "alarm"} id="money-balance">${say(equal ? "money_equal" : "money_unequal", { kept, encumbered: sayMoney(encumbered) })}</p>`;
}

/* Pieces that were asked for stand behind each other until the filters change. */
function usePieces() {
	const filters = asked();
	const word = JSON.stringify(filters);
	const [more, add] = useState([]);
	const load = useLoad(async (signal) => {
		const [first, all] = await Promise.all([rewards(filters, undefined, signal), ledgers(signal)]);
		return { first, books: all.ledgers };
	}, [word]);

	useEffect(() => add([]), [word]);
	async function next() {
		const last = more.at(-1) ?? load.value.first;
		const piece = await rewards(filters, last.rewards.at(-1).id);

		add((before) => [...before, piece]);
	}

	return { load, pieces: load.value ? [load.value.first, ...more] : [], next };
}

function Rewards({ pieces, next }) {
	const { totals } = pieces[0];

	return html`<${Table} caption=${say("money_rewards_of", { n: totals.rewards })} columns=${columns} rows=${pieces.flatMap((piece) => piece.rewards)}
		of=${(one) => one.id} href=${(one) => `/money/rewards/${one.id}`} empty="money_rewards_none" keys
		foot=${{ id: say("money_sum_all"), fen: html`<${Money} fen=${totals.fen} />`, paid: html`<${Money} fen=${totals.paid_fen} />` }}
		more=${pieces.at(-1).more ? next : null} />`;
}

export function Register() {
	const { load, pieces, next } = usePieces();
	const books = load.value?.books.map((one) => ({ value: one.book, text: one.book })) ?? [];

	return html`<section class="page">
		<h2 id="money-title">${say("money_rewards")}</h2>
		${hasRole(["proposer"]) ? html`<p><a href="/money/propose">${say("money_propose")}</a></p>` : null}
		<${Filters} fields=${[
			{ name: "state", word: "money_state", kind: "choice", choices: STATES.map((value) => ({ value, text: say(`money_state_${value}`) })) },
			{ name: "book", word: "money_book", kind: "choice", choices: books },
			{ name: "case", word: "money_case", kind: "text" },
		]} />
		<${Loaded} of=${load} what="money_rewards">${({ books: all }) => html`
			<${Balance} totals=${pieces[0].totals} books=${all} />
			<${Rewards} pieces=${pieces} next=${next} />`}<//>
	</section>`;
}
