/* What an approver looks at: the comparison, the rules of the policy, the trace line by line, and the digest of it all. */

import { html } from "../../ui/html.js";
import { Table } from "../../ui/table.js";
import { sayMoney, sayWhen } from "../../ui/values.js";
import { known, say } from "../../words.js";
import { compared } from "./compare.js";
import { Digest, Facts, sayName } from "./parts.js";

const compareColumns = [
	{ key: "word", word: "money_cmp_what", value: (row) => say(row.word) },
	{ key: "proposed", word: "money_cmp_proposed", value: (row) => row.proposed },
	{ key: "policy", word: "money_cmp_by_policy", value: (row) => row.policy },
	{ key: "told", word: "money_cmp_difference", value: (row) => html`<span class="money-text">${row.differs ? html`<strong>${say("money_cmp_differs")}</strong> ` : null}${row.told}</span>` },
];

export function Comparison({ file, rules, versions }) {
	const rows = compared(file, rules, versions);
	const differ = rows.filter((row) => row.differs);

	return html`<section class="card">
		<h3>${say("money_compare")}</h3>
		<p id="money-differences">${differ.length === 0 ? say("money_cmp_none_differ") : say("money_cmp_n_differ", { n: differ.length })}</p>
		${differ.length > 0 ? html`<ul class="money-refused">${differ.map((row) => html`<li key=${row.word}><strong>${say(row.word)}</strong> · ${row.told}</li>`)}</ul>` : null}
		<${Table} caption=${say("money_cmp_rows", { n: rows.length })} columns=${compareColumns} rows=${rows} of=${(row) => row.word} mark=${(row) => row.differs ? "money-differs" : null} />
	</section>`;
}

/* --- the rules ---------------------------------------------------------------- */

function titles([upTo, names]) {
	return say(upTo === null ? "money_rule_above" : "money_rule_up_to", { fen: upTo === null ? "" : sayMoney(upTo), titles: names.join(" + ") });
}

export function Rules({ rules }) {
	return html`<details class="card"><summary>${say("money_rules")}</summary>
		<${Facts} rows=${[
			["money_rule_min", sayMoney(rules.min)],
			["money_rule_max", sayMoney(rules.max)],
			["money_rule_cap", sayMoney(rules.case_cap)],
			["money_rule_round", sayMoney(rules.round_to)],
			["money_rule_point", sayMoney(rules.per_point)],
			["money_rule_bands", Object.entries(rules.bands ?? {}).map(([name, fen]) => `${sayName("money_band", name)} ${sayMoney(fen)}`).join(" · ")],
			["money_rule_titles", (rules.approval_bands ?? []).map(titles).join(" · ")],
			["money_rule_days", rules.claim_days],
		]} /></details>`;
}

/* --- the trace ------------------------------------------------------------------ */

/* Members of a step that are no amount. */
const counts = ["points", "tips", "shares", "version", "member", "decisive_ms", "known_at_ms"];
const plainOut = ["points", "facts", "policy", "eligibility"];

function sayValue(name, value) {
	if (typeof value === "object")
		return Object.entries(value).map(([key, one]) => `${sayName(name === "bands" ? "money_band" : "money_factor", key)} ${name === "bands" ? sayMoney(one) : one}`).join(", ");
	if (/_bp$|^weight$|^whole$/.test(name))
		return /_bp$/.test(name) ? `${Number(value) / 100} %` : value;
	if (!/^-?\d+$/.test(value) || counts.includes(name))
		return /_ms$/.test(name) ? (value === "0" ? "–" : sayWhen(Number(value))) : sayWord(value);
	return sayMoney(value);
}

function sayWord(value) {
	return known(`money_says_${value}`) ? say(`money_says_${value}`) : value;
}

function sayOut(line) {
	if (line.step === "policy")
		return `${line.out.slice(0, 8)}…`;
	return /^-?\d+$/.test(line.out) && !plainOut.includes(line.step) ? sayMoney(line.out) : sayWord(line.out);
}

const traceColumns = [
	{ key: "n", word: "money_line", numeric: true, value: (line) => line.n },
	{ key: "step", word: "money_step", value: (line) => sayName("money_step", line.step) },
	{ key: "in", word: "money_with", value: (line) => html`<span class="money-inputs">${Object.entries(line.in).map(([name, value]) =>
		html`<span key=${name}>${sayName("money_in", name)} <b>${sayValue(name, value)}</b></span> `)}</span>` },
	{ key: "out", word: "money_gives", numeric: true, value: sayOut },
];

export function Trace({ lines }) {
	return html`<section class="card" aria-labelledby="money-trace">
		<h3 id="money-trace">${say("money_trace")}</h3>
		<${Table} caption=${say("money_trace_lines", { n: lines.length })} columns=${traceColumns} rows=${lines.map((line, i) => ({ ...line, n: i + 1 }))} of=${(line) => line.n} />
	</section>`;
}

/* What an approval of this page would quote. */
export function WhatIsApproved({ reward }) {
	if (!reward.digest)
		return null;
	return html`<section class="card" aria-labelledby="money-digest">
		<h3 id="money-digest">${say("money_digest")}</h3>
		<p><${Digest} of=${reward.digest} /></p>
		<p class="hint">${say("money_digest_hint")}</p>
	</section>`;
}
