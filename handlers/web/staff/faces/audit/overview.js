/*
 * The overview: what there is of money and where it went, what is open and since when, what was last said of the chain, and
 * how far statements go. Each figure leads to the entries behind it.
 */

import { get, withQuery } from "../../api.js";
import { say } from "../../words.js";
import { Chart } from "../../ui/chart.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { attempt } from "../../ui/notices.js";
import { Age, Money, sayDay, sayMoney, When } from "../../ui/values.js";
import { askChain, lastChain } from "./chain.js";
import { Behind, entries, Page, Sheet, to, term } from "./parts.js";

const budgetCodes = { authorised: 8010, available: 8020, encumbered: 8030, expended: 8040, lapsed: 8050 };

function ofPart(figures, part) {
	return figures.filter((figure) => figure.part === part);
}

/* One row a book, with the figures of it by name. */
function booksOf(figures) {
	const books = Map.groupBy(ofPart(figures, "budget").filter((figure) => figure.book !== ""), (figure) => figure.book);
	return [...books].map(([book, own]) => ({ book, ...Object.fromEntries(own.map((figure) => [figure.name, figure])) }));
}

function fenOf(figure) {
	return figure?.fen ?? 0;
}

const budgetColumns = [
	{ key: "book", word: "au_book", value: (row) => row.book },
	...Object.entries(budgetCodes).map(([name, code]) => ({ key: name, word: `au_${name}`, numeric: true, money: true, csv: (row) => fenOf(row[name]),
		value: (row) => html`<a href=${entries({ filter: { book: row.book, code } })}><${Money} fen=${fenOf(row[name])} /></a>` })),
];

/* Bars that hang where the one before ended: authorised less lapsed, expended, encumbered leaves what is available. */
export function waterfall(sums) {
	let level = sums.authorised;
	const falls = ["lapsed", "expended", "encumbered"].map((name) => {
		const bar = [level - sums[name], level];
		level -= sums[name];
		return bar;
	});
	return [[0, sums.authorised], ...falls, [0, sums.available]];
}

const sayBar = (value) => sayMoney(Array.isArray(value) ? value[1] - value[0] : value);

function Budget({ figures, asOf }) {
	const books = booksOf(figures);
	const sums = Object.fromEntries(Object.keys(budgetCodes).map((name) => [name, books.reduce((sum, row) => sum + fenOf(row[name]), 0)]));
	const foot = Object.fromEntries(Object.entries(sums).map(([name, fen]) => [name, html`<${Money} fen=${fen} />`]));
	const table = html`<${Sheet} name="budget" caption=${say("au_budget_by_book")} columns=${budgetColumns} rows=${books} of=${(row) => row.book}
		href=${(row) => to("/audit/ledger", { book: row.book })} foot=${foot} path=${withQuery("/api/v1/audit/summary", { as_of: asOf })} empty="au_no_book" />`;

	return html`<${Chart} kind="bars" title=${say("au_budget")} labels=${["authorised", "lapsed", "expended", "encumbered", "available"].map((name) => say(`au_${name}`))}
		series=${[{ name: say("au_budget"), values: waterfall(sums) }]} tell=${sayBar} table=${table} />`;
}

const stateColumns = [
	{ key: "name", word: "au_state", value: (row) => term("state", row.name) },
	{ key: "count", word: "au_rewards", numeric: true, value: (row) => row.count },
	{ key: "fen", word: "au_amount", numeric: true, money: true, csv: (row) => row.fen, value: (row) => html`<${Money} fen=${row.fen} />` },
	{ key: "records", word: "au_entries", numeric: true, value: (row) => html`<${Behind} of=${row} filter=${{ kind: "reward." }} />` },
];

function States({ figures }) {
	const rows = ofPart(figures, "state").filter((row) => row.count > 0);
	const table = html`<${Sheet} name="states" caption=${say("au_states")} columns=${stateColumns} rows=${rows} of=${(row) => row.book + row.name}
		href=${(row) => to("/audit/rewards", { state: row.name })} empty="au_no_reward" />`;

	return rows.length === 0 ? table : html`<${Chart} kind="bars" title=${say("au_states")} labels=${rows.map((row) => term("state", row.name))}
		series=${[{ name: say("au_rewards"), values: rows.map((row) => row.count) }]} table=${table} />`;
}

/* Where what is open is looked at. */
const openPages = { breaks: () => to("/audit/reconciliation"), held: () => to("/audit/rewards", { held: "1" }) };

const openColumns = [
	{ key: "name", word: "au_open_what", value: (row) => term("open", row.name) },
	{ key: "count", word: "au_count", numeric: true, value: (row) => row.count },
	{ key: "fen", word: "au_amount", numeric: true, money: true, csv: (row) => row.fen, value: (row) => row.fen === 0 ? "–" : html`<${Money} fen=${row.fen} />` },
	{ key: "at", word: "au_oldest", csv: (row) => row.at, value: (row) => row.at === null ? "–" : html`<${Age} at=${row.at} />` },
	{ key: "records", word: "au_entries", numeric: true, value: (row) => html`<${Behind} of=${row} />` },
];

const statementColumns = [
	{ key: "book", word: "au_account", value: (row) => row.book },
	{ key: "name", word: "au_last_statement", value: (row) => sayDay(row.name) },
	{ key: "fen", word: "au_closing", numeric: true, money: true, csv: (row) => row.fen, value: (row) => html`<${Money} fen=${row.fen} />` },
	{ key: "records", word: "au_entries", numeric: true, value: (row) => html`<${Behind} of=${row} filter=${{ kind: "statement." }} />` },
];

function ChainResult({ of: { value, at } }) {
	return html`<p id="chain" class=${value.whole ? "au-good" : "alarm"}>
			${value.whole ? say("au_chain_whole", { n: value.checked }) : say("au_chain_broken", { n: value.first_bad, why: value.why })}</p>
		<p class="hint">${say("au_chain_checked")} <${When} at=${at} /></p>
		<p class="mono hint au-long">${value.as_of.head}</p>`;
}

/* Checked when it is asked for; what was last said stands, with its time. */
function Chain({ asOf }) {
	const [, draw] = useState(0);
	const [busy, become] = useState(false);
	const known = lastChain(asOf);

	async function check() {
		become(true);
		await attempt("au_chain", () => askChain(asOf));
		become(false);
		draw((n) => n + 1);
	}

	return html`<section class="card" aria-labelledby="au-chain" aria-busy=${busy ? "true" : "false"}><h3 id="au-chain">${say("au_chain")}</h3>
		${known ? html`<${ChainResult} of=${known} />` : html`<p id="chain">${say("au_chain_unchecked")}</p>`}
		<p class="row"><button type="button" id="check-chain" aria-disabled=${busy ? "true" : null} onClick=${() => busy || check()}>${say(busy ? "au_chain_checking" : "au_chain_check")}</button>
			<a href=${to("/audit/integrity")}>${say("au_recount_yourself")}</a></p>
	</section>`;
}

/* The two questions that are asked first. */
function Tiles({ figures }) {
	const unknown = ofPart(figures, "open").find((row) => row.name === "unknown");
	const last = ofPart(figures, "statement").map((row) => row.name).toSorted().at(-1);

	return html`<dl class="au-tiles">
		<div class="card"><dt>${say("au_oldest_unknown")}</dt><dd id="oldest-unknown">${unknown?.at ? html`<a href=${entries(unknown)}><${Age} at=${unknown.at} /></a>` : say("au_none")}</dd></div>
		<div class="card"><dt>${say("au_last_statement")}</dt><dd id="last-statement">${last ? sayDay(last) : say("au_none")}</dd></div>
		<div class="card"><dt>${say("au_open_incidents")}</dt><dd id="open-incidents">${ofPart(figures, "open").reduce((sum, row) => sum + row.count, 0)}</dd></div>
	</dl>`;
}

export function Overview({ asOf }) {
	const load = useLoad((signal) => get(withQuery("/api/v1/audit/summary", { as_of: asOf }), signal), [asOf]);

	return html`<${Page} title=${say("au_overview")}>
		<${Chain} asOf=${asOf} />
		<${Loaded} of=${load} what="au_overview">${({ figures }) => html`
			<${Tiles} figures=${figures} />
			<${Budget} figures=${figures} asOf=${asOf} />
			<${States} figures=${figures} />
			<${Sheet} name="open" caption=${say("au_open")} columns=${openColumns} rows=${ofPart(figures, "open")} of=${(row) => row.book + row.name} href=${(row) => openPages[row.name]?.()} />
			<${Sheet} name="statements" caption=${say("au_statements")} columns=${statementColumns} rows=${ofPart(figures, "statement")} of=${(row) => row.book} empty="au_no_statement" />`}<//>
	<//>`;
}
