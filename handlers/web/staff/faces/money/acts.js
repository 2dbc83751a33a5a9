/*
 * What may be done with a reward. The server was asked about each act beforehand: what it would refuse is said in words
 * before any button, and what needs a second person is agreed to in the words of the first.
 */

import { get, withQuery } from "../../api.js";
import { hasRole } from "../../session.js";
import { Form } from "../../ui/form.js";
import { html, useState } from "../../ui/html.js";
import { sayProblem, tell } from "../../ui/notices.js";
import { sayMoney } from "../../ui/values.js";
import { known, say } from "../../words.js";
import { act, ledger } from "./calls.js";
import { useLoad } from "../../ui/load.js";
import { isMe, landAtHead, sayDone, Vote } from "./parts.js";

const reason = { name: "reason", word: "money_f_reason", kind: "area", required: true, rows: 3, maxlength: 300 };
const paper = { name: "document", word: "money_f_document", hint: "money_f_document_hint", pattern: "[0-9a-f]{64}", required: true };
const owed = { name: "of", word: "money_f_of", kind: "choice", choices: ["overpaid", "clawback"].map((value) => ({ value, get text() {
	return say(`money_of_${value}`);
} })), required: true };
const fen = { name: "fen", word: "money_amount", kind: "money", required: true, min: 1 };

/* In the order in which they stand. `grave`: it cannot be taken back. */
const acts = {
	submit: { fields: [] },
	approve: { fields: [{ name: "note", word: "money_f_note", kind: "area", rows: 2, maxlength: 300 }], body: (values, reward) => ({ ...values, digest: reward.digest }) },
	return: { fields: [reason] },
	reject: { fields: [reason], grave: true },
	withdraw: { fields: [{ ...reason, required: false }], grave: true },
	release: { fields: ({ accounts }) => [
		{ name: "source", word: "money_f_source", kind: "choice", required: true, choices: accounts },
		{ name: "instalment", word: "money_f_instalment", kind: "money", min: 1 }] },
	reissue: { fields: [] },
	extend: { fields: [{ name: "days", word: "money_f_days", kind: "number", required: true, min: 1 }, reason] },
	reinstate: { fields: [reason] },
	hold: { fields: [reason] },
	lift: { fields: [reason] },
	revoke: { fields: [reason], grave: true },
	void: { fields: [{ name: "code", word: "money_f_code", kind: "choice", required: true, choices: ["fraud", "error", "ineligible"].map((value) => ({ value, get text() {
		return say(`money_code_${value}`);
	} })) }, paper, { ...reason, required: false }], grave: true },
	recover: { fields: ({ accounts }) => [owed, fen, { name: "account", word: "money_f_into", kind: "choice", required: true, choices: accounts }] },
	write_off: { fields: [owed, fen, paper], grave: true },
	tax: { fields: ({ accounts }) => [{ name: "account", word: "money_f_source", kind: "choice", required: true, choices: accounts }], grave: true },
	panel: { fields: ({ rails }) => [
		{ name: "cause", word: "money_f_cause", kind: "choice", required: true, choices: ["lost_secret", "heir"].map((value) => ({ value, get text() {
			return say(`money_cause_${value}`);
		} })) },
		paper,
		{ name: "rail", word: "money_rail", kind: "choice", required: true, choices: rails.map((value) => ({ value, text: value })) },
		{ name: "account", word: "money_f_payee_account", required: true, maxlength: 128 },
		{ name: "name", word: "money_f_payee_name", required: true, maxlength: 140, hint: "money_f_payee_hint" }],
	body: ({ account, name, ...values }) => ({ ...values, payee: { account, name } }), grave: true },
};

/* Of the state of things: then there is nothing to be told, the act is simply not of today. */
const notNow = ["ILLEGAL_TRANSITION", "NOT_HELD", "TOO_MUCH", "CLAIMANT_FIRST", "NOTHING_OWED"];

/* "this person proposed the reward" in the reader's language. */
function sayWhy({ code, detail }) {
	const part = `money_part_${detail.replace("this person ", "").replaceAll(" ", "_")}`;

	if (code === "SEPARATION" && known(part))
		return say(part);
	return known(`problem_${code}`) ? say(`problem_${code}`) : detail;
}

/* The accounts of a ledger that hold money, each with what it holds. */
function useAccounts(book, wanted) {
	const load = useLoad(async (signal) => wanted ? (await ledger(book, undefined, signal)).accounts : [], [book, wanted]);
	const kinds = { bank: "bank", float: "float", cash_at_branch: "cash" };

	return (load.value ?? []).filter((one) => kinds[one.name]).map((one) => ({ value: `${kinds[one.name]}:${one.detail}`,
		text: `${kinds[one.name]}:${one.detail} · ${sayMoney(one.balance)}` }));
}

/* Ways to pay into an account in somebody's name: the word of a voucher is shown to whoever has the code. */
function useRails(wanted) {
	const load = useLoad(async (signal) => wanted ? (await get("/api/v1/rails", signal)).offered : [], [wanted]);

	return (load.value ?? []).filter((rail) => rail !== "voucher");
}

/* What is withheld and not remitted yet, by the ledger's own postings. */
export function taxLeft({ postings }) {
	return postings.flatMap((posting) => posting.legs).filter((leg) => leg.code === 2030).reduce((sum, leg) => sum + (leg.side === "Cr" ? leg.fen : -leg.fen), 0);
}

/* The book is asked about acts of a reward; remitting its tax is one of the budget. */
function mayRemit(file) {
	return hasRole(["finance"]) && ["PAID", "CLOSED"].includes(file.reward.state) && taxLeft(file) > 0;
}

function Refusals({ refused }) {
	if (refused.length === 0)
		return null;
	return html`<ul class="money-refused" id="money-refused">${refused.map((one) => html`<li key=${one.act}>
		${say("money_may_not", { act: say(`money_act_${one.act}`), why: sayWhy(one) })}</li>`)}</ul>`;
}

/* A digest that is not the present one: what was approved on paper is not what stands there now. */
function sayStale(problem) {
	return problem.code === "STALE_DIGEST" ? say("money_stale") : undefined;
}

function ActForm({ name, file, accounts, rails, close, again }) {
	const { reward } = file;
	const row = acts[name];
	const fields = typeof row.fields === "function" ? row.fields({ accounts, rails }) : row.fields;

	async function send(values) {
		const answer = await act(`/api/v1/rewards/${reward.id}/${name}`, row.body ? row.body(values, reward) : values);

		tell(sayDone(answer, say(`money_act_${name}`)));
		close();
		landAtHead();
		again();
	}

	return html`<div class="money-act" key=${name}>
		<h4>${say(`money_do_${name}`, { sum: sayMoney(reward.fen - reward.tax_fen), tax: sayMoney(taxLeft(file)) })}</h4>
		<${Form} id="money-${name}" fields=${fields} submit="money_act_${name}" send=${send} cancel=${close} grave=${row.grave === true} sayRefused=${sayStale} />
	</div>`;
}

/* Where the money of a panel goes is typed by each of the two from the papers, and shown to neither. */
function Panel({ vote, file, rails, again }) {
	return html`<${Vote} vote=${vote} what=${say("money_act_panel")}>
		<p>${say("money_panel_second")}</p>
		${isMe(vote.person) ? null : html`<${ActForm} name="panel" file=${file} accounts=${[]} rails=${rails} close=${() => {}} again=${again} />`}
	<//>`;
}

/* What the first of two persons wants, in the words that stand in the record of the vote. */
function Agreement({ vote, file, again }) {
	const name = vote.act.replace("reward.", "");
	const { data } = file.timeline.find((record) => record.seq === vote.seq) ?? { data: {} };
	const said = Object.entries(data).filter(([key]) => !["act", "digest"].includes(key));

	/* Where to is said by the informant alone; finance only agrees. */
	async function agree() {
		const answer = await act(`/api/v1/rewards/${file.reward.id}/${name}`, name === "reissue" ? {} : Object.fromEntries(said));

		tell(sayDone(answer, say(`money_act_${name}`)));
		landAtHead();
		again();
	}

	return html`<${Vote} vote=${vote} what=${say(`money_act_${name}`)}>
		<dl class="money-facts">${said.map(([key, value]) => html`<div key=${key}><dt>${known(`money_f_${key}`) ? say(`money_f_${key}`) : key}</dt><dd>${String(value)}</dd></div>`)}</dl>
		${isMe(vote.person) ? null : html`<${Agree} agree=${agree} what=${name} />`}
	<//>`;
}

function Agree({ agree, what }) {
	const [busy, setBusy] = useState(false);
	const [problem, refuse] = useState(null);

	async function go() {
		setBusy(true);
		refuse(null);
		try {
			await agree();
		} catch (refused) {
			refuse(refused);
		}
		setBusy(false);
	}

	return html`${problem ? html`<p class="alarm" role="alert">${sayProblem(`money_act_${what}`, problem)}</p>` : null}
		<p><button type="button" class="main" disabled=${busy} onClick=${go}>${say("money_agree", { what: say(`money_act_${what}`) })}</button></p>`;
}

/* Void are the votes before the last thing that happened to the reward. */
function votesOf(file) {
	return file.votes.filter((vote) => vote.seq > file.reward.last_seq && acts[vote.act.replace("reward.", "")]);
}

/* A proposal is not changed: it is withdrawn, and made anew. */
function Anew({ reward }) {
	const href = withQuery("/money/propose", { case: reward.case, tip: reward.tip });

	return reward.state === "WITHDRAWN" && hasRole(["proposer"]) ? html`<p><a href=${href}>${say("money_anew")}</a></p>` : null;
}

export function Acts({ file, again }) {
	const [open, become] = useState("");
	const mine = file.acts.filter((one) => acts[one.act]);
	const votes = votesOf(file);
	const asked = votes.map((vote) => vote.act.replace("reward.", ""));
	const may = mine.filter((one) => one.may && !asked.includes(one.act)).map((one) => one.act);
	const remits = mayRemit(file);
	const accounts = useAccounts(file.reward.book, remits || may.includes("release") || may.includes("recover"));
	const rails = useRails(mine.some((one) => one.act === "panel" && one.may));
	const names = Object.keys(acts).filter((name) => may.includes(name) || (name === "tax" && remits));

	return html`<section class="card" aria-labelledby="money-acts">
		<h3 id="money-acts">${say("money_acts")}</h3>
		<${Refusals} refused=${mine.filter((one) => !one.may && !notNow.includes(one.code))} />
		${votes.map((vote) => vote.act === "reward.panel" ? html`<${Panel} key=${vote.seq} vote=${vote} file=${file} rails=${rails} again=${again} />`
			: html`<${Agreement} key=${vote.seq} vote=${vote} file=${file} again=${again} />`)}
		${names.length === 0 && votes.length === 0 ? html`<p class="hint">${say("money_acts_none")}</p>` : null}
		<${Anew} reward=${file.reward} />
		<p class="row">${names.map((name) => html`<button key=${name} type="button" class=${name === names[0] ? "main" : "quiet"} aria-expanded=${open === name ? "true" : "false"}
			onClick=${() => become(open === name ? "" : name)}>${say(`money_act_${name}`)}</button>`)}</p>
		${names.includes(open) ? html`<${ActForm} key=${open} name=${open} file=${file} accounts=${accounts} rails=${rails} close=${() => become("")} again=${again} />` : null}
	</section>`;
}
