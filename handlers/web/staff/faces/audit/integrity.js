/*
 * Whether the journal is whole: what the server says of its own chain, the same counted again in this browser from the
 * lines of the journal, a published head held against the count, and the command of the second verifier, which needs
 * neither server nor browser.
 */

import { call, get, withQuery } from "../../api.js";
import { say } from "../../words.js";
import { Filters } from "../../ui/filters.js";
import { html, useEffect, useRef, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { sayProblem } from "../../ui/notices.js";
import { sayMoney, When } from "../../ui/values.js";
import { askChain } from "./chain.js";
import { Command } from "./command.js";
import { cutRecords } from "./lines.js";
import { Behind, Page, saveText, Sheet, to, term } from "./parts.js";
import { differences, recount } from "./recount.js";

const PIECE = 500;

/* The journal's lines up to a record, asked for anew, and what the server says its head is there. */
async function download(upTo, signal, tell) {
	const lines = [];
	let head;

	for (let from = 1; from <= upTo; from = lines.length + 1) {
		const text = await (await call("GET", withQuery("/api/v1/money/journal", { from, max: Math.min(PIECE, upTo - from + 1) }), undefined, signal)).text();
		const more = cutRecords(text);

		head = JSON.parse(`{${text.slice(text.lastIndexOf('"next":'))}`);
		lines.push(...more);
		tell("au_reading", { n: lines.length, all: Math.min(upTo, head.head_seq) });
		if (more.length === 0 || head.next > head.head_seq)
			break;
	}
	return { lines, head };
}

/* What the server says at the record where the count ended. */
async function serverSays(seq, head, asOf, signal) {
	const { ledgers } = await get("/api/v1/ledger", signal);
	const { as_of: then } = await get(withQuery("/api/v1/audit/summary", { as_of: asOf || seq }), signal);
	const balances = await Promise.all(ledgers.map(({ book }) => get(withQuery(`/api/v1/ledger/${book}`, { seq: then.seq }), signal)));

	return { balances, head: { count: then.seq, head_seq: then.seq, head_hash: then.head }, newest: head };
}

async function countAgain({ point, asOf, signal, tell }) {
	const { lines, head } = await download(point?.seq ?? Infinity, signal, tell);
	const counted = await recount(lines, (n, all) => tell("au_counting", { n, all }));

	if (counted.wrong !== null)
		return { lines, counted, differs: [] };
	const server = await serverSays(lines.length, head, asOf, signal);
	return { lines, counted, differs: differences(counted, server.head, server.balances) };
}

/* --- the result ------------------------------------------------------------- */

function Wrong({ wrong }) {
	return html`<p class="alarm" id="recount-result" role="alert">${say("au_recount_wrong", { line: wrong.line, seq: wrong.seq || "–" })} ${say(wrong.word)}</p>
		${wrong.seq ? html`<p><a href=${to("/audit/journal", { ids: wrong.seq })}>${say("au_entry_n", { n: wrong.seq })}</a></p>` : null}`;
}

function Differs({ differs }) {
	return html`<div class="alarm" id="recount-result" role="alert"><p>${say("au_recount_differs")}</p>
		<ul>${differs.map(({ word: name, values }) => html`<li key=${name + values.book}>${say(name, values)}</li>`)}</ul></div>`;
}

const sumColumns = [
	{ key: "book", word: "au_book", value: (row) => row.book },
	{ key: "sub", word: "au_sub", value: (row) => term("sub", row.sub) },
	{ key: "debit", word: "au_debit", numeric: true, money: true, csv: (row) => String(row.debits), value: (row) => sayMoney(row.debits) },
	{ key: "credit", word: "au_credit", numeric: true, money: true, csv: (row) => String(row.credits), value: (row) => sayMoney(row.credits) },
];

function Counted({ result: { lines, counted, differs } }) {
	const rows = [...counted.sums].flatMap(([book, subs]) => Object.entries(subs).map(([sub, sums]) => ({ book, sub, ...sums })));

	return html`
		${counted.wrong !== null ? html`<${Wrong} wrong=${counted.wrong} />` : differs.length > 0 ? html`<${Differs} differs=${differs} />`
			: html`<p class="au-good" id="recount-result" role="status">${say("au_recount_agrees", { n: counted.records })}</p>`}
		<p class="mono hint au-long">${counted.head}</p>
		<${Sheet} name="recount" caption=${say("au_recount_sums", { n: counted.records })} columns=${sumColumns} rows=${rows} of=${(row) => row.book + row.sub} />
		<${Anchor} lines=${lines.slice(0, counted.records)} />
		<p><button type="button" onClick=${() => saveText(lines.map((line) => `${line}\n`).join(""), "money-journal", "jsonl")}>${say("au_take_lines")}</button></p>`;
}

const anchorFields = [{ name: "anchor", word: "au_anchor_seq" }, { name: "anchor_hash", word: "au_anchor_hash" }];

/* A head that was published earlier, as on paper, against the count. */
function Anchor({ lines }) {
	const query = new URLSearchParams(location.search);
	const seq = Number(query.get("anchor"));
	const wanted = (query.get("anchor_hash") ?? "").toLowerCase();
	const line = lines[seq - 1];
	const there = line ? JSON.parse(line).hash : null;

	return html`<h3>${say("au_anchor")}</h3><p class="hint">${say("au_anchor_why")}</p><${Filters} fields=${anchorFields} resets=${[]} word="au_anchor" />
		${!seq || !wanted ? null : there === null ? html`<p class="alarm" id="anchor-result">${say("au_anchor_beyond", { n: lines.length })}</p>`
			: there === wanted ? html`<p class="au-good" id="anchor-result">${say("au_anchor_fits", { n: seq })}</p>`
				: html`<p class="alarm" id="anchor-result">${say("au_anchor_differs", { n: seq, hash: there })}</p>`}`;
}

function Recount({ point, asOf }) {
	const [state, become] = useState({});
	const going = useRef(null);

	useEffect(() => () => going.current?.abort(), []);
	async function run() {
		const { signal } = going.current = new AbortController();

		become({ busy: say("au_reading", { n: 0, all: "…" }) });
		try {
			become({ result: await countAgain({ point, asOf, signal, tell: (name, values) => become({ busy: say(name, values) }) }) });
		} catch (problem) {
			if (!signal.aborted)
				become({ problem });
		}
	}

	return html`<section class="card" aria-labelledby="au-recount" aria-busy=${state.busy ? "true" : "false"}><h3 id="au-recount">${say("au_recount")}</h3>
		<p>${say("au_recount_how")}</p>
		${globalThis.crypto?.subtle ? html`<p><button type="button" class="main" id="recount" aria-disabled=${state.busy ? "true" : null}
			onClick=${() => state.busy || run()}>${say("au_recount_go")}</button></p>`
			: html`<p class="alarm">${say("au_recount_no_crypto")}</p>`}
		${state.busy ? html`<p class="hint" role="status">${state.busy}</p>` : null}
		${state.problem ? html`<p class="alarm" role="alert">${state.problem instanceof SyntaxError ? say("au_recount_unread") : sayProblem("au_recount", state.problem)}</p>` : null}
		${state.result ? html`<${Counted} result=${state.result} />` : null}
	</section>`;
}

/* --- the page --------------------------------------------------------------- */

const columns = [
	{ key: "name", word: "au_kind", csv: (row) => row.name, value: (row) => term("journal", row.name) },
	{ key: "count", word: "au_count", numeric: true, value: (row) => row.count },
	{ key: "records", word: "au_entries", numeric: true, value: (row) => html`<${Behind} of=${row} />` },
];

function Server({ value, path }) {
	return html`
		<p id="chain" class=${value.whole ? "au-good" : "alarm"}>${value.whole ? say("au_chain_whole", { n: value.checked }) : say("au_chain_broken", { n: value.first_bad, why: value.why })}</p>
		<dl class="au-members"><dt>${say("au_seq")}</dt><dd>${value.as_of.seq}</dd><dt>${say("au_at")}</dt><dd><${When} at=${value.as_of.at} /></dd>
			<dt>${say("au_hash")}</dt><dd class="mono au-long" id="head">${value.as_of.head}</dd></dl>
		<${Sheet} name="integrity" caption=${say("au_of_the_journal")} columns=${columns} rows=${value.figures} of=${(row) => row.name} path=${path} />`;
}

export function Integrity({ asOf, point }) {
	const path = withQuery("/api/v1/audit/integrity", { as_of: asOf });
	const load = useLoad((signal) => askChain(asOf, signal), [asOf]);
	const limit = point === null ? "" : ` --to ${point.seq}`;

	return html`<${Page} title=${say("au_integrity")}>
		<section class="card" aria-labelledby="au-server"><h3 id="au-server">${say("au_server_says")}</h3>
			<${Loaded} of=${load} what="au_integrity">${(value) => html`<${Server} value=${value} path=${path} />`}<//></section>
		<${Recount} key=${asOf} point=${point} asOf=${asOf} />
		<section class="card" aria-labelledby="au-second"><h3 id="au-second">${say("au_second")}</h3>
			<p>${say("au_second_how")}</p>
			<${Command} id="command-export" of="tipctl export --store ADDRESS --format jsonl --out journal.jsonl${limit}" />
			<${Command} id="command-verify" of="tipctl verify --money journal.jsonl" />
			<p>${say("au_second_offline")}</p>
			<${Command} id="command-verify-file" of="tipctl verify --money money-journal.jsonl --heads heads.txt" />
			<p>${say("au_log_how")}</p>
			<${Command} id="command-log" of="tipctl log verify LOG-DIRECTORY" />
		</section>
	<//>`;
}
