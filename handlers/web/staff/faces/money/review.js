/* What an approver looks at: the comparison, the rules of the policy, the trace line by line, and the digest of it all. */

import { html } from "../../ui/html.js";
import { Table } from "../../ui/table.js";
import { traceColumns, traceRows } from "../../ui/trace.js";
import { sayMoney } from "../../ui/values.js";
import { say } from "../../words.js";
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
			["money_rule_bands", Object.entries(rules.bands ?? {}).map(([name, fen]) => `${sayName("trace_band", name)} ${sayMoney(fen)}`).join(" · ")],
			["money_rule_titles", (rules.approval_bands ?? []).map(titles).join(" · ")],
			["money_rule_days", rules.claim_days],
		]} /></details>`;
}

/* --- the trace ------------------------------------------------------------------ */

export function Trace({ lines }) {
	return html`<section class="card" aria-labelledby="money-trace">
		<h3 id="money-trace">${say("trace")}</h3>
		<${Table} caption=${say("trace_lines", { n: lines.length })} columns=${traceColumns} rows=${traceRows(lines)} of=${(line) => line.n} />
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
