/*
 * The dossier of a reward: one timeline from the tip to the money, as the server had it at the point of time, each row by its
 * journal entry; how long each state lasted; the calculation, the approvals with what they approved and the payments, read
 * from those entries; and the commands that lead on to the leaves of the public log.
 */

import { get, withQuery } from "../../api.js";
import { sayAge, say } from "../../words.js";
import { Chart } from "../../ui/chart.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { traceColumns, traceRows } from "../../ui/trace.js";
import { Id, Money, sayMoney, sayWhen, When } from "../../ui/values.js";
import { Command } from "./command.js";
import { approvalsOf, attemptsOf, phases, traceOf, wholeTimeline } from "./dossier_parts.js";
import { readNumbers } from "./journal.js";
import { Page, role, Sheet, to, term } from "./parts.js";

function who(row) {
	if (row.person === "")
		return "–";
	return html`${row.person}${row.with ? ` + ${row.with}` : ""} <span class="hint">${row.title || role(row.role)}</span>`;
}

const columns = [
	{ key: "seq", word: "au_seq", csv: (row) => row.seq, value: (row) => row.seq ?? "–" },
	{ key: "at", word: "au_at", csv: (row) => new Date(row.at).toISOString(), value: (row) => html`<${When} at=${row.at} />` },
	{ key: "kind", word: "au_kind", csv: (row) => row.kind, value: (row) => html`${term("kind", row.kind)}${row.subject && row.seq === null ? html` <${Id} of=${row.subject} />` : null}` },
	{ key: "person", word: "au_person", value: who },
	{ key: "state", word: "au_state", value: (row) => row.state ? term("state", row.state) : row.attempt_state ? html`<span class="hint">${term("attempt", row.attempt_state)}</span>` : "" },
	{ key: "fen", word: "au_amount", numeric: true, money: true, csv: (row) => row.fen, value: (row) => row.fen ? sayMoney(row.fen) : "" },
	{ key: "entry", word: "au_entry", value: (row) => row.entry ? html`<span class="mono" title=${row.postings}>${row.entry}</span>` : "" },
	{ key: "hash", word: "au_hash", value: (row) => row.hash ? html`<span class="mono" title=${row.hash}>${row.hash.slice(0, 12)}</span>` : "" },
];

function Facts({ file }) {
	const rows = [
		["au_state", term("state", file.state) + (file.held ? ` · ${say("au_held")}` : "")],
		["au_amount", html`<${Money} fen=${file.fen} />`],
		["au_paid", html`<${Money} fen=${file.paid_fen} />`],
		["au_case", file.case],
		["au_tip", html`<${Id} of=${file.tip} />`],
		["au_book", file.book ? html`<a href=${to("/audit/ledger", { book: file.book })}>${file.book}</a>` : say("au_none")],
		["au_claimant", html`<${Id} of=${file.claimant} />`],
		["au_payee", file.payee ? html`<${Id} of=${file.payee} />` : say("au_none")],
	];
	return html`<dl class="au-facts card">${rows.map(([name, value]) => html`<div key=${name}><dt>${say(name)}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function sayPhase({ name }) {
	return name === "TIP" ? say("au_phase_tip") : term("state", name);
}

const phaseColumns = [
	{ key: "name", word: "au_state", csv: (row) => row.name, value: sayPhase },
	{ key: "from", word: "au_since", csv: (row) => new Date(row.from).toISOString(), value: (row) => html`<${When} at=${row.from} />` },
	{ key: "until", word: "au_until", csv: (row) => new Date(row.until).toISOString(), value: (row) => html`<${When} at=${row.until} />` },
	{ key: "lasted", word: "au_lasted", numeric: true, csv: (row) => Math.round((row.until - row.from) / 1000), value: (row) => sayAge(row.until - row.from) },
	{ key: "seq", word: "au_seq", numeric: true, value: (row) => row.seq ?? "–" },
];

const saySpan = (value) => Array.isArray(value) ? `${sayWhen(value[0])} – ${sayWhen(value[1])}` : sayWhen(value);

/* How long it stood where; the last state goes on until the point of time. */
function Phases({ file, asOf }) {
	const rows = phases(file, asOf === "" ? Date.now() : Date.parse(file.as_of.reckoned_at));
	const table = html`<${Sheet} name="phases-${file.reward}" caption=${say("au_phases")} columns=${phaseColumns} rows=${rows} of=${(row) => row.seq ?? row.name}
		href=${(row) => row.seq === null ? null : to("/audit/journal", { ids: row.seq })} />`;

	return html`<${Chart} kind="timeline" title=${say("au_phases")} labels=${rows.map(sayPhase)} tell=${saySpan} table=${table}
		series=${[{ name: say("au_phases"), values: rows.map((row) => [row.from, row.until]) }]} />`;
}

const approvalColumns = [
	{ key: "seq", word: "au_seq", value: (row) => row.seq },
	{ key: "at", word: "au_at", value: (row) => html`<${When} at=${row.at} />`, csv: (row) => row.at },
	{ key: "person", word: "au_person", value: (row) => html`${row.person} <span class="hint">${row.title}</span>`, csv: (row) => row.person },
	{ key: "digest", word: "au_digest", value: (row) => html`<span class="mono au-long">${row.digest}</span>`, csv: (row) => row.digest },
];

const hashColumn = (key, word) => ({ key, word, csv: (row) => row[key], value: (row) => row[key] ? html`<span class="mono" title=${row[key]}>${row[key].slice(0, 12)}</span>` : "–" });
const attemptColumns = [
	{ key: "id", word: "au_attempt", value: (row) => row.id },
	{ key: "rail", word: "au_rail", value: (row) => row.rail },
	{ key: "state", word: "au_state", csv: (row) => row.state, value: (row) => term("attempt", row.state) },
	{ key: "fen", word: "au_amount", numeric: true, money: true, csv: (row) => row.fen, value: (row) => html`<${Money} fen=${row.fen} />` },
	{ key: "sent", word: "au_sent", csv: (row) => row.sent, value: (row) => html`<${When} at=${row.sent} />` },
	{ key: "provider_ref", word: "au_provider_ref", value: (row) => html`<span class="mono">${row.provider_ref ?? "–"}</span>`, csv: (row) => row.provider_ref },
	hashColumn("body", "au_request_hash"), hashColumn("raw", "au_raw_hash"),
	{ key: "line", word: "au_statement_line", value: (row) => row.line ?? "–", csv: (row) => row.line },
];

/* What the entries of the timeline say besides. */
function Parts({ file, records }) {
	const id = file.reward;
	const trace = traceOf(records);

	return html`
		${trace.lines.length > 0 ? html`<${Sheet} name="trace-${id}" caption=${say("au_trace", { seq: trace.seq })} columns=${traceColumns}
			rows=${traceRows(trace.lines)} of=${(row) => row.n} /><p><a href=${to("/audit/journal", { ids: trace.seq })}>${say("au_entry_n", { n: trace.seq })}</a></p>` : null}
		<${Sheet} name="approvals-${id}" caption=${say("au_approvals")} columns=${approvalColumns} rows=${approvalsOf(records)} of=${(row) => row.seq}
			href=${(row) => to("/audit/journal", { ids: row.seq })} empty="au_no_approval" />
		<${Sheet} name="attempts-${id}" caption=${say("au_attempts")} columns=${attemptColumns} rows=${attemptsOf(records, file.fen)} of=${(row) => row.id}
			href=${(row) => to("/audit/journal", { subject: row.id })} empty="au_no_attempt" />`;
}

/* From here on the way goes over files, which no server's word is needed for. */
function Onwards({ reward, tip }) {
	const log = tip.split("-")[0];

	return html`<section class="card au-onwards" aria-labelledby="au-onwards"><h3 id="au-onwards">${say("au_to_the_leaf")}</h3>
		<p>${say("au_to_the_leaf_why", { log, tip })}</p>
		<${Command} id="command-pack" of="tipctl export --evidence ${reward}.tar --store ADDRESS --log STATE/log --keys STATE/keys --reward ${reward}" />
		<${Command} id="command-pack-tip" of="tipctl export --evidence ${tip}.tar --store ADDRESS --log STATE/log --keys STATE/keys --tip ${tip}" />
		<p>${say("au_check_pack", { log })}</p>
		<${Command} id="command-check" of="tipctl export --check ${tip}.tar" />
	</section>`;
}

function Whole({ file, records, asOf }) {
	const path = withQuery(`/api/v1/audit/rewards/${file.reward}`, { as_of: asOf });

	return html`
		<${Facts} file=${file} />
		<${Phases} file=${file} asOf=${asOf} />
		<${Sheet} name="dossier-${file.reward}" caption=${say("au_timeline")} columns=${columns} rows=${wholeTimeline(file)} of=${(row) => row.seq ?? row.kind} keys path=${path}
			href=${(row) => row.seq === null ? null : to("/audit/journal", { ids: row.seq })} />
		<${Parts} file=${file} records=${records} />
		<${Onwards} reward=${file.reward} tip=${file.tip} />`;
}

const told = /^(reward\.(propose|approve)|attempt\.)/;

async function read(id, asOf, signal) {
	const file = await get(withQuery(`/api/v1/audit/rewards/${id}`, { as_of: asOf }), signal);
	return { file, records: await readNumbers(file.timeline.filter((row) => told.test(row.kind)).map((row) => row.seq), signal) };
}

/* A reward has the number of the entry that proposed it. */
function numberOf(id) {
	return Number(id.slice(1));
}

export function Dossier({ route, asOf, point }) {
	const id = route.path.split("/").at(-1);
	const there = point === null || numberOf(id) <= point.seq;
	const load = useLoad((signal) => there ? read(id, asOf, signal) : null, [id, asOf, there]);

	return html`<${Page} title=${say("au_dossier_of", { reward: id })}>
		<p><a href=${to("/audit/rewards")}>${say("au_register")}</a></p>
		${there ? html`<${Loaded} of=${load} what="au_dossier">${(value) => value && html`<${Whole} ...${value} asOf=${asOf} />`}<//>`
			: html`<p class="hint">${say("au_not_proposed_yet", { seq: numberOf(id) })}</p>`}
	<//>`;
}
