/* One reward: where it stands, what was proposed and what the policy gives, what may be done, and who did what. */

import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { get } from "../../api.js";
import { hasRole } from "../../session.js";
import { Table } from "../../ui/table.js";
import { Id, Money, sayMoney, When } from "../../ui/values.js";
import { say } from "../../words.js";
import { Acts, taxLeft } from "./acts.js";
import { attemptColumns } from "./attempts.js";
import { policy, reward } from "./calls.js";
import { Facts, fromBook, sayName, State } from "./parts.js";
import { Comparison, Rules, Trace, WhatIsApproved } from "./review.js";

async function whole(id, signal) {
	const file = await reward(id, signal);
	const [rules, versions] = await Promise.all([policy(file.reward.policy, signal), get("/api/v1/policies", signal)]);

	return { file, rules: rules.rules, versions: versions.policies };
}

/* What is withheld goes to the tax office; the informant gets the rest. */
function taxOf(file) {
	const one = file.reward;

	return one.tax_fen > 0 ? [["money_tax", html`<${Money} fen=${one.tax_fen} />`], ["money_net", html`<${Money} fen=${one.fen - one.tax_fen} />`],
		["money_tax_left", html`<${Money} fen=${taxLeft(file)} />`]] : [];
}

function Where({ file }) {
	const one = file.reward;

	return html`<${Facts} rows=${[
		["money_amount", html`<strong class="money-large">${sayMoney(one.fen)}</strong>`],
		...taxOf(file),
		["money_paid", html`<${Money} fen=${one.paid_fen} />`],
		["money_case", html`<${Id} of=${one.case} href="/money/rewards?case=${encodeURIComponent(one.case)}" />`],
		["money_tip", html`<${Id} of=${one.tip} />`],
		["money_book", html`<a href=${fromBook(one.book)}>${one.book}</a>`],
		["money_approvals", one.steps > 0 ? say("money_steps", { n: one.step, of: one.steps }) : null],
		["money_claimant", html`<span class="mono money-token">${one.claimant}</span>`],
		["money_rail", one.rail],
		["money_deadline", one.deadline ? html`<${When} at=${one.deadline} />` : null],
		["money_cooling", one.cooling_until ? html`<${When} at=${one.cooling_until} />` : null],
	]} />`;
}

/* --- who did what ---------------------------------------------------------------- */

function sayKind(record) {
	if (record.kind === "vote")
		return say("money_kind_vote", { act: sayName("money_kind", record.data.act) });
	return sayName("money_kind", record.kind);
}

function sayWords(record) {
	const { title, reason, note, override_reason: override, to, attempt_to: attempt } = record.data;
	const sent = record.kind === "attempt.send";   /* there `to` is the attempt's */

	return [title ? say("money_as", { title }) : null, reason, note, override, to && !sent ? say("money_now", { state: sayName("money_state", to) }) : null,
		sent || attempt ? say("money_attempt_now", { state: sayName("money_attempt", sent ? to : attempt) }) : null].filter(Boolean).join(" · ");
}

const timelineColumns = [
	{ key: "seq", word: "money_record", numeric: true, value: (record) => record.seq },
	{ key: "at", word: "money_at", value: (record) => html`<${When} at=${record.at} />` },
	{ key: "kind", word: "money_what", value: sayKind },
	{ key: "who", word: "money_who", value: (record) => record.role === "system" || record.role === "claimant" ? say(`money_role_${record.role}`)
		: `${record.person} (${say(`role_${record.role}`)})` },
	{ key: "words", word: "money_words", value: (record) => html`<span class="money-text">${sayWords(record)}</span>` },
	{ key: "entry", word: "money_entry", value: (record) => record.entry ? html`<span class="mono">${record.entry}</span>` : "–" },
];

function legs(file) {
	return file.postings.flatMap((posting) => posting.legs.map((leg, i) => ({ ...leg, id: `${posting.seq}-${i}`, seq: posting.seq, entry: posting.entry })));
}

/* The chart of accounts, as a ledger names them (daemon/money/ledger.c). */
const codes = { 1010: "bank", 1020: "float", 1030: "cash_at_branch", 1210: "overpaid", 1220: "clawback", 1310: "suspense_debit", 2010: "payable", 2020: "inflight",
	2030: "tax_withheld", 2040: "returned_unapplied", 2050: "suspense_credit", 3010: "fund_balance", 3020: "prior_year_adjust", 5010: "reward_expense", 5020: "fees",
	5030: "written_off", 8010: "authorised", 8020: "available", 8030: "encumbered", 8040: "expended", 8050: "lapsed" };

const legColumns = [
	{ key: "entry", word: "money_entry", value: (leg) => html`<span class="mono">${leg.entry}</span>` },
	{ key: "code", word: "money_account", value: (leg) => `${leg.code} ${sayName("money_code", codes[leg.code])} ${leg.detail}` },
	{ key: "debit", word: "money_debit", numeric: true, value: (leg) => leg.side === "Dr" ? sayMoney(leg.fen) : "" },
	{ key: "credit", word: "money_credit", numeric: true, value: (leg) => leg.side === "Cr" ? sayMoney(leg.fen) : "" },
];

function Past({ file }) {
	return html`
		<${Table} caption=${say("money_timeline")} columns=${timelineColumns} rows=${file.timeline} of=${(record) => record.seq} />
		${file.reward.attempts.length > 0 ? html`<${Table} caption=${say("money_attempts")} columns=${attemptColumns} rows=${file.reward.attempts} of=${(one) => one.number} />` : null}
		${file.postings.length > 0 ? html`<${Table} caption=${say("money_postings")} columns=${legColumns} rows=${legs(file)} of=${(leg) => leg.id} />` : null}`;
}

function Whole({ value: { file, rules, versions }, again }) {
	const review = html`<${Comparison} file=${file} rules=${rules} versions=${versions} />
		<${Rules} rules=${rules} />
		${file.proposal.trace ? html`<${Trace} lines=${file.proposal.trace} />` : null}`;
	const acts = html`<${WhatIsApproved} reward=${file.reward} /><${Acts} file=${file} again=${again} />`;
	const deciding = file.reward.state === "IN_REVIEW" && hasRole(["approver"]);

	return html`
		<div class="card"><${Where} file=${file} /></div>
		${deciding ? html`${review}${acts}` : html`${acts}${review}`}
		<${Past} file=${file} />`;
}

export function Reward({ id }) {
	const load = useLoad((signal) => whole(id, signal), [id]);
	const one = load.value?.file.reward;

	return html`<section class="page">
		<p><a href="/money/rewards">${say("money_rewards")}</a></p>
		<h2 id="money-title" tabindex="-1">${say("money_reward")} ${id} ${one ? html`<${State} of=${one.state} />` : null} ${one?.held ? html`<${State} of="held" />` : null}</h2>
		<p><button type="button" class="quiet" onClick=${load.again}>${say("money_look_again")}</button></p>
		<${Loaded} of=${load} what="money_reward">${(value) => html`<${Whole} value=${value} again=${load.again} />`}<//>
	</section>`;
}
