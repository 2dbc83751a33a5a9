/* A reward is proposed for a tip of a verified case; the amount is the policy's, what a person adds are points with their names. */

import { get } from "../../api.js";
import { go, route } from "../../router.js";
import { Form } from "../../ui/form.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { tell } from "../../ui/notices.js";
import { say } from "../../words.js";
import { act, policy } from "./calls.js";
import { sayDone, sayName } from "./parts.js";

/* The policies in force: of each name the one adopted last. */
async function inForce(signal) {
	const { policies } = await get("/api/v1/policies", signal);
	const last = new Map();

	for (const one of policies.filter(({ adopted }) => adopted).toSorted((a, b) => a.adopted_seq - b.adopted_seq))
		last.set(one.name, one);
	return Promise.all([...last.values()].map((one) => policy(one.hash, signal)));
}

/* A choice of points for each factor of the policy; none is the middle of nothing. */
function factorFields(rules) {
	return Object.entries(rules.factors ?? {}).map(([name, [from, to]]) => ({ name: `factor_${name}`, word: `trace_factor_${name}`, kind: "choice", none: "money_no_points",
		choices: Array.from({ length: to - from + 1 }, (_, i) => from + i).filter((n) => n !== 0).map((n) => ({ value: String(n), text: say("money_points", { n }) })) }))
		.map((field) => ({ ...field, word: sayName("trace_factor", field.name.slice(7)) }));
}

function fields(policies, chosen) {
	return [
		{ name: "case", word: "money_case", required: true, value: route.query.get("case") ?? "" },
		{ name: "tip", word: "money_tip", required: true, value: route.query.get("tip") ?? "", pattern: "[0-9]{2}-[0-9A-Z]{10}" },
		{ name: "programme", word: "money_programme", kind: "choice", required: true, value: chosen.name, choices: policies.map(({ name }) => ({ value: name, text: name })) },
		...factorFields(chosen.rules),
		{ name: "external_award", word: "money_f_external", hint: "money_f_external_hint", kind: "money", required: true, value: "0", min: 0 },
		{ name: "override_fen", word: "money_f_override", hint: "money_f_override_hint", kind: "money", min: 1 },
		{ name: "override_reason", word: "money_f_override_reason", kind: "area", rows: 2, required: true, maxlength: 300, when: (values) => Boolean(values.override_fen) },
		{ name: "reason", word: "money_f_for", kind: "area", rows: 2, maxlength: 300 },
	];
}

/* "15-7K3MQ2X9RD specificity=2 evidence=1", as the command has it. */
function bodyOf(values) {
	const points = Object.entries(values).filter(([name]) => name.startsWith("factor_"));
	const rest = Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith("factor_")));

	return points.length === 0 ? rest : { ...rest, factors: [[values.tip, ...points.map(([name, n]) => `${name.slice(7)}=${n}`)].join(" ")] };
}

function Proposal({ policies }) {
	const [name, choose] = useState(policies[0]?.name);
	const chosen = policies.find((one) => one.name === name) ?? policies[0];

	async function send(values) {
		const answer = await act("/api/v1/rewards", bodyOf(values));

		tell(sayDone(answer, say("money_propose")));
		go(`/money/rewards/${answer.reward.id}`);
	}

	if (!chosen)
		return html`<p class="hint">${say("money_no_policy")}</p>`;
	return html`<div class="card"><${Form} id="money-propose" fields=${fields(policies, chosen)} submit="money_propose" send=${send}
		changed=${(values) => choose(values.programme)} /></div>`;
}

export function Propose() {
	const load = useLoad((signal) => inForce(signal), []);

	return html`<section class="page">
		<p><a href="/money/rewards">${say("money_rewards")}</a></p>
		<h2 id="money-title">${say("money_propose")}</h2>
		<p class="hint">${say("money_propose_hint")}</p>
		<${Loaded} of=${load} what="money_propose">${(policies) => html`<${Proposal} policies=${policies} />`}<//>
	</section>`;
}
