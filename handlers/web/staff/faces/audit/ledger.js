/*
 * The trial balance of a book: what each account stood at when the period began, what moved, and what it stands at. The
 * period begins after a record (opening) and ends at the point of time.
 */

import { get, withQuery } from "../../api.js";
import { say } from "../../words.js";
import { Filters } from "../../ui/filters.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { sayMoney } from "../../ui/values.js";
import { Page, Sheet, to, term } from "./parts.js";

function keyOf(account) {
	return `${account.code}|${account.detail}`;
}

/* Accounts with { opening, debits, credits, closing } of the period. */
export function period(closing, opening) {
	const before = new Map((opening?.accounts ?? []).map((account) => [keyOf(account), account]));

	return closing.accounts.map((account) => {
		const old = before.get(keyOf(account));
		return { ...account, key: keyOf(account), opening: old?.balance ?? 0, debits: account.debits - (old?.debits ?? 0), credits: account.credits - (old?.credits ?? 0), closing: account.balance };
	});
}

const money = (key, of) => ({ key, word: `au_${key}`, numeric: true, money: true, csv: of, value: (row) => sayMoney(of(row)) });
const columns = [
	{ key: "code", word: "au_account", csv: (row) => row.code, value: (row) => `${row.code} ${term("account", row.code)}` },
	{ key: "detail", word: "au_detail", value: (row) => row.detail || "–" },
	{ key: "sub", word: "au_sub", csv: (row) => row.sub, value: (row) => term("sub", row.sub) },
	money("opening", (row) => row.opening), money("debit", (row) => row.debits), money("credit", (row) => row.credits), money("closing", (row) => row.closing),
];

const sumColumns = [
	{ key: "sub", word: "au_sub", value: (row) => term("sub", row.sub) },
	money("debit", (row) => row.debits), money("credit", (row) => row.credits),
	{ key: "equal", word: "au_check_equal", csv: (row) => row.debits === row.credits,
	  value: ({ debits, credits }) => html`<strong class=${debits === credits ? "au-good" : "au-bad"}>${say(debits === credits ? "au_equal" : "au_not_equal")}</strong>` },
];

function balanceOf(book, seq, signal) {
	return get(withQuery(`/api/v1/ledger/${book.split("/").map(encodeURIComponent).join("/")}`, { seq }), signal);
}

async function read({ book, opening, seq }, signal) {
	const { ledgers } = await get("/api/v1/ledger", signal);
	const books = ledgers.map((ledger) => ledger.book);
	const chosen = book || books[0];

	if (!chosen)
		return { books, chosen: null };
	const closing = await balanceOf(chosen, seq, signal);
	return { books, chosen, closing, opening: opening === "" ? null : await balanceOf(chosen, opening, signal) };
}

function Balance({ value, opening }) {
	const rows = period(value.closing, value.opening);
	const sums = Object.entries(value.closing.sums).map(([sub, sum]) => ({ sub, ...sum }));

	return html`
		<${Sheet} name="trial-balance" caption=${say("au_trial_balance_of", { book: value.chosen, seq: value.closing.seq })} columns=${columns} rows=${rows} of=${(row) => row.key} keys
			href=${(row) => to("/audit/ledger/account", { book: value.chosen, code: row.code, detail: row.detail, opening })} />
		<${Sheet} name="trial-sums" caption=${say("au_sums_since_start")} columns=${sumColumns} rows=${sums} of=${(row) => row.sub} />`;
}

export function Ledger({ route, point }) {
	const book = route.query.get("book") ?? "";
	const opening = route.query.get("opening") ?? "";
	const books = (known) => known.map((one) => ({ value: one, text: one }));
	const load = useLoad((signal) => read({ book, opening, seq: point?.seq }, signal), [book, opening, point?.seq], { keep: true });

	return html`<${Page} title=${say("au_ledger")}>
		<${Filters} fields=${[{ name: "book", word: "au_book", kind: "choice", none: "au_first_book", choices: books(load.value?.books ?? []) },
			{ name: "opening", word: "au_opening_after" }]} />
		<${Loaded} of=${load} what="au_ledger">${(value) => value.chosen === null ? html`<p class="hint">${say("au_no_book")}</p>` : html`<${Balance} value=${value} opening=${opening} />`}<//>
	<//>`;
}
