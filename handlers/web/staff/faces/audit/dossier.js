/*
 * The dossier of a reward: one timeline from the tip to the money, each row by its journal entry; the calculation, the
 * approvals with what they approved, the attempts; and the commands that lead on to the leaves of the public log.
 */

import { get } from "../../api.js";
import { say } from "../../words.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { traceColumns, traceRows } from "../../ui/trace.js";
import { Id, Money, sayMoney, When } from "../../ui/values.js";
import { Command } from "./command.js";
import { dossierThen } from "./dossier_then.js";
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

function Facts({ reward, then }) {
	const rows = [
		["au_state", term("state", then.state) + (then.held ? ` · ${say("au_held")}` : "")],
		["au_amount", html`<${Money} fen=${reward.fen} />`],
		["au_paid", html`<${Money} fen=${then.paid} />`],
		["au_case", reward.case],
		["au_tip", html`<${Id} of=${reward.tip} />`],
		["au_book", reward.book ? html`<a href=${to("/audit/ledger", { book: reward.book })}>${reward.book}</a>` : say("au_none")],
		["au_claimant", html`<${Id} of=${reward.claimant} />`],
		["au_payee", reward.payee ? html`<${Id} of=${reward.payee} />` : say("au_none")],
	];
	return html`<dl class="au-facts card">${rows.map(([name, value]) => html`<div key=${name}><dt>${say(name)}</dt><dd>${value}</dd></div>`)}</dl>`;
}

const approvalColumns = [
	{ key: "seq", word: "au_seq", value: (row) => row.seq },
	{ key: "at", word: "au_at", value: (row) => html`<${When} at=${row.at} />`, csv: (row) => row.at },
	{ key: "person", word: "au_person", value: (row) => html`${row.person} <span class="hint">${row.title}</span>`, csv: (row) => row.person },
	{ key: "digest", word: "au_digest", value: (row) => html`<span class="mono au-long">${row.digest}</span>`, csv: (row) => row.digest },
];

const attemptColumns = [
	{ key: "id", word: "au_attempt", value: (row) => row.id },
	{ key: "rail", word: "au_rail", value: (row) => row.rail },
	{ key: "state", word: "au_state", csv: (row) => row.state, value: (row) => term("attempt", row.state) },
	{ key: "fen", word: "au_amount", numeric: true, money: true, csv: (row) => row.fen, value: (row) => html`<${Money} fen=${row.fen} />` },
	{ key: "sent", word: "au_sent", csv: (row) => row.sent, value: (row) => html`<${When} at=${row.sent} />` },
	{ key: "provider_ref", word: "au_provider_ref", value: (row) => html`<span class="mono">${row.provider_ref ?? "–"}</span>`, csv: (row) => row.provider_ref },
	{ key: "body", word: "au_raw_hash", value: (row) => row.body ? html`<span class="mono" title=${row.body}>${row.body.slice(0, 12)}</span>` : "–", csv: (row) => row.body },
	{ key: "line", word: "au_statement_line", value: (row) => row.line ?? "–", csv: (row) => row.line },
];

function Parts({ file, then, now }) {
	const { id, attempts } = file.reward;

	return html`
		${then.proposal ? html`<${Sheet} name="trace-${id}" caption=${say("au_trace", { seq: then.proposal.seq })} columns=${traceColumns}
			rows=${traceRows(then.proposal.trace)} of=${(row) => row.n} /><p><a href=${to("/audit/journal", { ids: then.proposal.seq })}>${say("au_entry_n", { n: then.proposal.seq })}</a></p>` : null}
		<${Sheet} name="approvals-${id}" caption=${say("au_approvals")} columns=${approvalColumns} rows=${then.approvals} of=${(row) => row.seq}
			href=${(row) => to("/audit/journal", { ids: row.seq })} empty="au_no_approval" />
		${now ? html`<${Sheet} name="attempts-${id}" caption=${say("au_attempts")} columns=${attemptColumns} rows=${attempts} of=${(row) => row.id}
			href=${(row) => to("/audit/journal", { subject: row.id })} empty="au_no_attempt" />` : null}`;
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

function Whole({ file, point }) {
	const { reward } = file;
	const then = dossierThen(file, point?.seq ?? Infinity);

	if (then === null)
		return html`<p class="hint">${say("au_not_proposed_yet", { seq: reward.first_seq })}</p>`;
	return html`
		<${Facts} reward=${reward} then=${then} />
		<${Sheet} name="dossier-${reward.id}" caption=${say("au_timeline")} columns=${columns} rows=${then.timeline} of=${(row) => row.seq ?? row.kind} keys
			href=${(row) => row.seq === null ? null : to("/audit/journal", { ids: row.seq })} />
		<${Parts} file=${file} then=${then} now=${point === null} />
		<${Onwards} reward=${reward.id} tip=${reward.tip} />`;
}

export function Dossier({ route, point }) {
	const id = route.path.split("/").at(-1);
	const load = useLoad((signal) => get(`/api/v1/rewards/${id}`, signal), [id]);

	return html`<${Page} title=${say("au_dossier_of", { reward: id })}>
		<p><a href=${to("/audit/rewards")}>${say("au_register")}</a></p>
		<${Loaded} of=${load} what="au_dossier">${(file) => html`<${Whole} file=${file} point=${point} />`}<//>
	<//>`;
}
