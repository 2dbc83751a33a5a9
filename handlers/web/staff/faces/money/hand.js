/*
 * What finance posts by hand, and takes back: entries with their legs, corrections, the end of a year, the end of a
 * quarantine. Each shows its amounts before it is asked for; what takes two persons is agreed to in the words of the first.
 */

import { get, withQuery } from "../../api.js";
import { hasRole } from "../../session.js";
import { Confirm, Dialog } from "../../ui/dialog.js";
import { Form } from "../../ui/form.js";
import { html, useState } from "../../ui/html.js";
import { tell } from "../../ui/notices.js";
import { Table } from "../../ui/table.js";
import { Money, sayMoney, When } from "../../ui/values.js";
import { say } from "../../words.js";
import { act } from "./calls.js";
import { Facts, isMe, landAtHead, sayDone, sayName, Vote } from "./parts.js";

/* book: entries of that ledger alone, and what waits there. */
export const byHand = (book, signal) => get(withQuery("/api/v1/money/by_hand", { book }), signal);

const reason = { name: "reason", word: "money_f_reason", kind: "area", required: true, rows: 3, maxlength: 300 };

/* --- acts of two ------------------------------------------------------------------- */

/* word: of the act; where it goes, and what the second person says again. */
const acts = {
	"budget.correct": { word: "money_correct", said: ["reason"], path: (subject, book) => `/api/v1/ledger/${book}/correct`, of: "entry" },
	"budget.close_year": { word: "money_close_year", said: ["next"], path: (subject) => `/api/v1/ledger/${subject}/close_year` },
	"book.reconciled": { word: "money_reconciled", said: ["until", "reason", "document"], path: () => "/api/v1/money/reconciled", of: "quarantine" },
};

async function send(name, subject, book, values) {
	const { word, path, of } = acts[name];

	tell(sayDone(await act(path(subject, book), of ? { [of]: subject, ...values } : values), say(word)));
	landAtHead();
}

/* What the first of two wants; `children`: the amounts it is about. */
function Wanted({ vote, book, again, children }) {
	const { word, said } = acts[vote.act];
	const words = said.filter((key) => vote.data[key]).map((key) => [key, vote.data[key]]);
	const [asking, ask] = useState(false);
	const facts = html`<dl class="money-facts">${words.map(([key, value]) => html`<div key=${key}><dt>${say(`money_f_${key}`)}</dt><dd>${value}</dd></div>`)}</dl>`;

	async function agree() {
		await send(vote.act, vote.subject, book, Object.fromEntries(words));
		again();
	}

	return html`<${Vote} vote=${vote} what=${say(word)}>
		${children}${facts}
		${isMe(vote.person) || !hasRole(["finance"]) ? null : html`<p><button type="button" class="main" onClick=${() => ask(true)}>${say("money_agree", { what: say(word) })}</button></p>`}
		${asking ? html`<${Confirm} title=${say("money_agree", { what: say(word) })} word=${word} grave run=${agree} close=${() => ask(false)}>${children}${facts}<//>` : null}
	<//>`;
}

/* --- entries and corrections ---------------------------------------------------------- */

const amountOf = (entry) => entry.legs.find((leg) => leg.side === "Dr")?.fen ?? 0;

const legColumns = [
	{ key: "account", word: "money_account", value: (leg) => `${leg.code} ${sayName("money_code", leg.name)} ${leg.detail}` },
	{ key: "debit", word: "money_debit", numeric: true, value: (leg) => leg.side === "Dr" ? sayMoney(leg.fen) : "" },
	{ key: "credit", word: "money_credit", numeric: true, value: (leg) => leg.side === "Cr" ? sayMoney(leg.fen) : "" },
];

/* What a correction posts: the very entry with its sides exchanged. */
function Reversal({ of }) {
	const legs = of.legs.map((leg, i) => ({ ...leg, id: i, side: leg.side === "Dr" ? "Cr" : "Dr" }));

	return html`<p>${say("money_correct_told", { entry: of.entry, sum: sayMoney(amountOf(of)), who: of.person })}</p>
		<${Table} caption=${say("money_reversal")} columns=${legColumns} rows=${legs} of=${(leg) => leg.id} />`;
}

function Correct({ of, close, again }) {
	async function go(values) {
		await send("budget.correct", of.entry, of.book, values);
		close();
		again();
	}

	return html`<${Dialog} title=${say("money_correct_title", { entry: of.entry })} close=${close} closeWord="cancel">
		<${Reversal} of=${of} />
		<p class="hint">${say("money_correct_hint")} ${say("money_two_persons")}</p>
		<${Form} id="money-correct" fields=${[reason]} submit="money_correct" send=${go} grave />
	<//>`;
}

function columns(mayCorrect, ask) {
	return [
		{ key: "entry", word: "money_entry", value: (one) => html`<span class="mono">${one.entry.split(":").filter((part) => !part.includes("/")).join(":")}</span>` },
		{ key: "kind", word: "money_what", value: (one) => say(`money_hand_${one.kind.replace("budget.", "")}`) },
		{ key: "fen", word: "money_amount", numeric: true, value: (one) => html`<${Money} fen=${amountOf(one)} />` },
		{ key: "at", word: "money_at", value: (one) => html`<${When} at=${one.at} />` },
		{ key: "who", word: "money_who", value: (one) => one.person },
		{ key: "why", word: "money_f_reason", value: (one) => html`<span class="money-text">${one.data.reason ?? "–"}</span>` },
		{ key: "act", word: "money_may_do", value: (one) => one.corrected ? say("money_corrected")
			: mayCorrect(one) ? html`<button type="button" class="quiet" aria-label=${say("money_correct_of", { entry: one.entry })} onClick=${() => ask(one)}>${say("money_correct")}</button>` : "–" },
	];
}

/* The entries of a book that were posted by hand, those to be corrected first. */
export function Entries({ of, book, again }) {
	const [wish, ask] = useState(null);
	const mine = of.entries.filter((one) => one.book === book);
	const votes = of.votes.filter((vote) => vote.act === "budget.correct" && mine.some((one) => one.entry === vote.subject));
	const mayCorrect = (one) => hasRole(["finance"]) && !votes.some((vote) => vote.subject === one.entry);

	return html`
		${votes.map((vote) => html`<${Wanted} key=${vote.seq} vote=${vote} book=${book} again=${again}><${Reversal} of=${mine.find((one) => one.entry === vote.subject)} /><//>`)}
		<${Table} caption=${say("money_by_hand")} columns=${columns(mayCorrect, ask)} rows=${mine.toReversed()} of=${(one) => one.seq} empty="money_by_hand_none" />
		${wish ? html`<${Correct} of=${wish} close=${() => ask(null)} again=${again} />` : null}`;
}

/* --- a year and its end ---------------------------------------------------------------- */

/* "150600/programme/2027" after ".../2026". */
function following(book) {
	const [bureau, programme, year] = book.split("/");
	return [bureau, programme, String(Number(year) + 1).padStart(4, "0")].join("/");
}

/* What becomes of the budget when the year is closed. */
function Ending({ ledger, next }) {
	return html`<${Facts} rows=${[
		["money_year_lapses", html`<strong>${sayMoney(ledger.available)}</strong>`],
		["money_year_carried", html`<strong>${sayMoney(ledger.encumbered)}</strong>`],
		["money_f_next", next],
	]} />`;
}

function OpenNext({ next, again }) {
	const [asking, ask] = useState(false);

	async function open() {
		tell(sayDone(await act(`/api/v1/ledger/${next}/open_year`, {}), say("money_open_year")));
		again();
	}

	return html`<p>${say("money_year_first", { next })}</p>
		<p><button type="button" id="money-open-year" onClick=${() => ask(true)}>${say("money_open_year")}</button></p>
		${asking ? html`<${Confirm} title=${say("money_open_year_title", { next })} word="money_open_year" run=${open} close=${() => ask(false)}><p>${say("money_open_year_text")}</p><//>` : null}`;
}

function Close({ ledger, next, again }) {
	const [asking, ask] = useState(false);

	async function close() {
		await send("budget.close_year", ledger.book, ledger.book, { next });
		again();
	}

	return html`<${Ending} ledger=${ledger} next=${next} />
		<p class="hint">${say("money_close_year_hint")}</p>
		<p><button type="button" id="money-close-year" onClick=${() => ask(true)}>${say("money_close_year")}</button></p>
		${asking ? html`<${Confirm} title=${say("money_close_year_title", { book: ledger.book })} word="money_close_year" grave run=${close} close=${() => ask(false)}>
			<${Ending} ledger=${ledger} next=${next} /><p>${say("money_close_year_text")}</p><//>` : null}`;
}

export function Year({ of, ledger, again }) {
	const year = of.years.find((one) => one.book === ledger.book);
	const next = following(ledger.book);
	const vote = of.votes.find((one) => one.act === "budget.close_year" && one.subject === ledger.book);

	if (!year)
		return null;
	if (year.closed)
		return html`<p class="card" id="money-year">${say("money_year_closed")} <a href="/money/ledger/${year.next}">${year.next}</a></p>`;
	if (!hasRole(["finance"]) && !vote)
		return null;
	return html`<section class="card" aria-labelledby="money-year-title" id="money-year"><h3 id="money-year-title">${say("money_year_end")}</h3>
		${vote ? html`<${Wanted} vote=${vote} book=${ledger.book} again=${again}><${Ending} ledger=${ledger} /><//>`
			: of.years.some((one) => one.book === next && !one.closed) ? html`<${Close} ledger=${ledger} next=${next} again=${again} />`
				: html`<${OpenNext} next=${next} again=${again} />`}</section>`;
}

/* --- a quarantine and its end -------------------------------------------------------------- */

const ending = [
	{ name: "until", word: "money_f_until", kind: "date", required: true, hint: "money_f_until_hint" },
	reason,
	{ name: "document", word: "money_f_document", hint: "money_f_document_hint", pattern: "[0-9a-f]{64}" },
];

function Reconciled({ id, again }) {
	const [values, ask] = useState(null);

	async function go() {
		await send("book.reconciled", id, "", values);
		again();
	}

	return html`<p class="hint">${say("money_two_persons")}</p>
		<${Form} id="money-reconciled" fields=${ending} submit="money_reconciled" send=${async (said) => ask(said)} />
		${values ? html`<${Confirm} title=${say("money_reconciled_title", { id })} word="money_reconciled" grave run=${go} close=${() => ask(null)}>
			<p>${say("money_reconciled_text", { until: values.until })}</p><//>` : null}`;
}

/* accounts: those of the reconciliation, whose differences are said beside the question. */
export function Quarantine({ of, accounts, again }) {
	const { quarantine } = of;
	const vote = quarantine && of.votes.find((one) => one.act === "book.reconciled" && one.subject === quarantine.id);
	const differing = accounts.filter((one) => one.difference !== 0).length;

	if (!quarantine)
		return null;
	const facts = html`<${Facts} rows=${[
		["money_since", html`<${When} at=${quarantine.since} />`],
		["money_quarantine_accounts", say("money_quarantine_differ", { n: accounts.length, differing })],
		["money_quarantine_breaks", String(accounts.reduce((sum, one) => sum + one.open, 0))],
	]} />`;

	return html`<section class="card" aria-labelledby="money-quarantine-title" id="money-quarantine"><h3 id="money-quarantine-title">${say("money_quarantine_title")}</h3>
		<p class="alarm">${say("money_quarantine", { id: quarantine.id })}</p>
		${vote ? html`<${Wanted} vote=${vote} book="" again=${again}>${facts}<//>` : html`${facts}
			<p>${say("money_quarantine_how")}</p>
			${hasRole(["finance"]) ? html`<${Reconciled} id=${quarantine.id} again=${again} />` : null}`}</section>`;
}
