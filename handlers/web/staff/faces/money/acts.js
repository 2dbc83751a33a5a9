/*
 * What may be done with a reward. The server was asked about each act beforehand: what it would refuse is said in words
 * before any button, and what needs a second person is agreed to in the words of the first.
 */

import { withQuery } from "../../api.js";
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

function ActForm({ name, reward, accounts, close, again }) {
	const row = acts[name];
	const fields = typeof row.fields === "function" ? row.fields({ accounts }) : row.fields;

	async function send(values) {
		const answer = await act(`/api/v1/rewards/${reward.id}/${name}`, row.body ? row.body(values, reward) : values);

		tell(sayDone(answer, say(`money_act_${name}`)));
		close();
		landAtHead();
		again();
	}

	return html`<div class="money-act" key=${name}>
		<h4>${say(`money_do_${name}`)}</h4>
		<${Form} id="money-${name}" fields=${fields} submit="money_act_${name}" send=${send} cancel=${close} grave=${row.grave === true} sayRefused=${sayStale} />
	</div>`;
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
	const accounts = useAccounts(file.reward.book, may.includes("release") || may.includes("recover"));
	const names = Object.keys(acts).filter((name) => may.includes(name));

	return html`<section class="card" aria-labelledby="money-acts">
		<h3 id="money-acts">${say("money_acts")}</h3>
		<${Refusals} refused=${mine.filter((one) => !one.may && !notNow.includes(one.code))} />
		${votes.map((vote) => html`<${Agreement} key=${vote.seq} vote=${vote} file=${file} again=${again} />`)}
		${names.length === 0 && votes.length === 0 ? html`<p class="hint">${say("money_acts_none")}</p>` : null}
		<${Anew} reward=${file.reward} />
		<p class="row">${names.map((name) => html`<button key=${name} type="button" class=${name === names[0] ? "main" : "quiet"} aria-expanded=${open === name ? "true" : "false"}
			onClick=${() => become(open === name ? "" : name)}>${say(`money_act_${name}`)}</button>`)}</p>
		${names.includes(open) ? html`<${ActForm} key=${open} name=${open} reward=${file.reward} accounts=${accounts} close=${() => become("")} again=${again} />` : null}
	</section>`;
}
