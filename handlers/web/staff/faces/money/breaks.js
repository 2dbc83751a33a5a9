/*
 * Breaks: what statements and book do not say alike, by class and age; one of them, with what is wanted of it. A second
 * person agrees to the very words of the first.
 */

import { get, withQuery } from "../../api.js";
import { route } from "../../router.js";
import { hasRole } from "../../session.js";
import { Filters } from "../../ui/filters.js";
import { Form } from "../../ui/form.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { tell } from "../../ui/notices.js";
import { Table } from "../../ui/table.js";
import { Age, Day, Id, Money, When } from "../../ui/values.js";
import { known, say } from "../../words.js";
import { act } from "./calls.js";
import { Facts, isMe, landAtHead, sayDone, sayName, State, Vote } from "./parts.js";

export const CLASSES = ["R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9", "R10"];
export const AGES = ["0-1", "2-3", "4-7", "8-30", ">30"];

export const breakColumns = [
	{ key: "id", word: "money_break", value: (one) => one.id },
	{ key: "class", word: "money_class", value: (one) => say(`money_break_${one.class}`) },
	{ key: "state", word: "money_state", value: (one) => html`<${State} of=${one.state} prefix="money_break" />` },
	{ key: "fen", word: "money_amount", numeric: true, value: (one) => one.fen > 0 ? html`<${Money} fen=${one.fen} />` : "–" },
	{ key: "side", word: "money_side", value: (one) => one.fen > 0 ? say(one.side === "Cr" ? "money_in" : "money_out") : "–" },
	{ key: "account", word: "money_account", value: (one) => one.account ?? "–" },
	{ key: "opened", word: "money_opened", value: (one) => html`<${Age} at=${one.opened} />` },
];

/* How many are open, by class and age; a figure leads to those it counts. */
export function Ages({ ages, account }) {
	const rows = CLASSES.filter((name) => AGES.some((age) => ages[name][age] > 0));
	const where = (name, age) => withQuery("/money/breaks", { class: name, age, account });

	return html`<${Table} caption=${say("money_ages")} rows=${rows} of=${(name) => name} empty="money_ages_none" columns=${[
		{ key: "class", word: "money_class", value: (name) => say(`money_break_${name}`) },
		...AGES.map((age) => ({ key: age, word: `money_age_${age}`, numeric: true, value: (name) => ages[name][age] > 0
			? html`<a href=${where(name, age)} aria-label=${say("money_ages_lead", { n: ages[name][age], class: name, age })}>${ages[name][age]}</a>` : "0" })),
	]} />`;
}

export function Breaks() {
	const asked = Object.fromEntries(["class", "age", "state", "account"].map((name) => [name, route.query.get(name)]));
	const load = useLoad((signal) => get(withQuery("/api/v1/breaks", { ...asked, limit: 1000 }), signal), [JSON.stringify(asked)], { keep: true });

	return html`<section class="page">
		<h2 id="money-title" tabindex="-1">${say("money_breaks")}</h2>
		<${Filters} fields=${[
			{ name: "class", word: "money_class", kind: "choice", choices: CLASSES.map((value) => ({ value, text: say(`money_break_${value}`) })) },
			{ name: "age", word: "money_age", kind: "choice", choices: AGES.map((value) => ({ value, text: say(`money_age_${value}`) })) },
			{ name: "state", word: "money_state", kind: "choice", none: "money_break_open", choices: ["resolved", "all"].map((value) => ({ value, text: say(`money_break_${value}`) })) },
			{ name: "account", word: "money_account" },
		]} />
		<${Loaded} of=${load} what="money_breaks">${({ breaks, ages, open }) => html`
			<p>${say("money_breaks_open", { n: open })}</p>
			<${Table} caption=${say("money_breaks")} columns=${breakColumns} rows=${breaks} of=${(one) => one.id} href=${(one) => `/money/breaks/${one.id}`} empty="money_breaks_none" keys />
			<${Ages} ages=${ages} />`}<//>
	</section>`;
}

/* --- one ------------------------------------------------------------------------- */

const reason = { name: "reason", word: "money_f_reason", kind: "area", required: true, rows: 3, maxlength: 300 };

/* What the money was: one of three. */
const clearing = [
	{ name: "was", word: "money_f_was", kind: "choice", required: true, value: "entry", choices: ["entry", "attempt", "against"].map((value) => ({ value, get text() {
		return say(`money_was_${value}`);
	} })) },
	{ name: "what", word: "money_f_what", hint: "money_f_what_hint", required: true },
	reason,
];

const resolving = [reason, { name: "document", word: "money_f_document", hint: "money_f_document_hint", pattern: "[0-9a-f]{64}" }];

/* What may be wanted of a break in a state, and what becomes of the fields. */
const wishes = {
	clear: { states: ["suspense"], path: (id) => `/api/v1/suspense/${id}/clear`, fields: clearing, body: ({ was, what, reason: why }) => ({ [was]: what, reason: why }) },
	resolve: { states: ["open", "cleared"], path: (id) => `/api/v1/breaks/${id}/resolve`, fields: resolving, body: (values) => values },
};

function Wish({ name, id, again }) {
	const wish = wishes[name];

	async function send(values) {
		tell(sayDone(await act(wish.path(id), wish.body(values)), say(`money_${name}`)));
		landAtHead();
		again();
	}

	return html`<section class="card" aria-labelledby="money-${name}-title">
		<h3 id="money-${name}-title">${say(`money_${name}_title`)}</h3>
		<p class="hint">${say("money_two_persons")}</p>
		<${Form} id="money-${name}" fields=${wish.fields} submit="money_${name}" send=${send} />
	</section>`;
}

/* The words of the first; a second person agrees to them as they are. */
function Wanted({ vote, id, again }) {
	const name = vote.act === "suspense.clear" ? "clear" : "resolve";
	const said = Object.entries(vote.data).filter(([key]) => !["act", "digest"].includes(key));

	async function send() {
		tell(sayDone(await act(wishes[name].path(id), Object.fromEntries(said)), say(`money_${name}`)));
		landAtHead();
		again();
	}

	return html`<${Vote} vote=${vote} what=${say(`money_${name}`)}>
		<dl class="money-facts">${said.map(([key, value]) => html`<div key=${key}><dt>${known(`money_f_${key}`) ? say(`money_f_${key}`) : say(`money_was_${key}`)}</dt><dd>${value}</dd></div>`)}</dl>
		${isMe(vote.person) || !hasRole(["finance"]) ? null : html`<${Form} id="money-agree" fields=${[]} submit="money_agree_to_it" send=${send} />`}
	<//>`;
}

/* Where what a break is about can be looked at. */
function about(one) {
	const [what] = one.about.split(":");

	if (/^S\d+$/.test(what))
		return html`<a href="/money/statements/${what}">${one.about}</a>`;
	return /^R\d+-\d+$/.test(one.about) ? html`<a href="/money/rewards/${one.about.split("-")[0]}">${one.about}</a>` : one.about;
}

function Line({ line }) {
	if (!line)
		return null;
	return html`<div class="card"><h3>${say("money_bank_line")}</h3><${Facts} rows=${[
		["money_bank_line", html`<${Id} of=${line.line} />`], ["money_day", html`<${Day} at=${line.booked} />`], ["money_line_kind", sayName("money_line_kind", line.kind)],
		["money_instruction", line.instruction ? html`<${Id} of=${line.instruction} />` : null], ["money_reference", line.reference],
		[line.side === "Cr" ? "money_in" : "money_out", html`<${Money} fen=${line.fen} />`]]} /></div>`;
}

function Whole({ of: { break: one, line, votes }, again }) {
	const wanted = votes.map((vote) => vote.act === "suspense.clear" ? "clear" : "resolve");
	const may = Object.keys(wishes).filter((name) => hasRole(["finance"]) && wishes[name].states.includes(one.state) && !wanted.includes(name));

	return html`
		<div class="card"><${Facts} rows=${[
			["money_class", say(`money_break_${one.class}`)], ["money_amount", one.fen > 0 ? html`<${Money} fen=${one.fen} />` : null],
			["money_side", one.fen > 0 ? say(one.side === "Cr" ? "money_in" : "money_out") : null],
			["money_about", about(one)], ["money_account", one.account], ["money_book", one.ledger],
			["money_opened", html`<${When} at=${one.opened} /> (<${Age} at=${one.opened} />)`],
			["money_resolved_at", one.resolved ? html`<${When} at=${one.resolved} />` : null], ["money_cleared_by", one.cleared_by]]} /></div>
		<p class="hint">${say(`money_break_help_${one.class}`)}</p>
		<${Line} line=${line} />
		${votes.map((vote) => html`<${Wanted} key=${vote.seq} vote=${vote} id=${one.id} again=${again} />`)}
		${may.map((name) => html`<${Wish} key=${name} name=${name} id=${one.id} again=${again} />`)}`;
}

export function Break({ id }) {
	const load = useLoad((signal) => get(`/api/v1/breaks/${encodeURIComponent(id)}`, signal), [id]);

	return html`<section class="page">
		<p><a href="/money/breaks">${say("money_breaks")}</a></p>
		<h2 id="money-title" tabindex="-1">${say("money_break")} ${id} ${load.value ? html`<${State} of=${load.value.break.state} prefix="money_break" />` : null}</h2>
		<${Loaded} of=${load} what="money_break">${(of) => html`<${Whole} of=${of} again=${load.again} />`}<//>
	</section>`;
}
