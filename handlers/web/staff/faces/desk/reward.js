/*
 * Proposing a reward for a tip of a verified case, for those who are proposers too. What the policies in force offer (bands,
 * factors with their points) makes the form; the amount is the server's to reckon, and others approve it.
 */

import { hasRole } from "../../session.js";
import { known, say } from "../../words.js";
import { html, useState } from "../../ui/html.js";
import { Form } from "../../ui/form.js";
import { useLoad } from "../../ui/load.js";
import { Money } from "../../ui/values.js";
import * as api from "./calls.js";

const MONEY = ["proposer", "approver", "finance", "auditor"];

/* Policies in force, asked for when they are `wanted`: [{ name, bands, factors: [{ name, min, max }] }]; none for those who may not read them. */
export function useOffers(wanted) {
	return useLoad((signal) => wanted && hasRole(MONEY) ? api.offers(signal) : [], [wanted], { keep: true });
}

/* A word of a policy: ours where there is one, else as it is written there. */
function wordOf(name) {
	return known(`factor_${name}`) ? `factor_${name}` : name;
}

function factorFields(offers) {
	return offers.flatMap((offer) => offer.factors.map(({ name, min, max }) => ({ name: `factor:${offer.name}:${name}`, word: wordOf(name), kind: "number", min, max,
		hint: say("factor_points", { min, max }), when: (values) => (values.programme ?? offers[0].name) === offer.name })));
}

/* The line of reward.propose: "TIP specificity=2 timeliness=1". */
export function factorsOf(tip, values) {
	const points = Object.entries(values).filter(([name, value]) => name.startsWith(`factor:${values.programme}:`) && value !== 0)
		.map(([name, value]) => `${name.split(":")[2]}=${value}`);

	return points.length > 0 ? [`${tip.id} ${points.join(" ")}`] : [];
}

function Made({ reward, close }) {
	return html`<div class="made" role="status">
		<p>${say("proposed")} <a href="/money/rewards/${reward.id}" class="mono">${reward.id}</a> · <${Money} fen=${reward.fen} /></p>
		<p class="hint">${say("proposed_next")}</p>
		<p class="row"><button type="button" class="quiet" onClick=${close}>${say("close_dialog")}</button></p>
	</div>`;
}

export function Propose({ tip, offers, close }) {
	const [made, become] = useState(null);
	const [key] = useState(() => crypto.randomUUID());

	if (made)
		return html`<${Made} reward=${made} close=${close} />`;
	if (offers.length === 0)
		return html`<p class="hint">${say("offers_none")}</p>`;
	const fields = [
		{ name: "case", word: "case_number", hint: "case_propose_hint", required: true, pattern: "[0-9A-Za-z._-]{1,64}" },
		{ name: "programme", word: "reward_programme", kind: "choice", required: true, value: offers[0].name, choices: offers.map(({ name }) => ({ value: name, text: name })) },
		...factorFields(offers),
		{ name: "external_award", word: "reward_external", kind: "money", hint: "external_hint", required: true, value: "0", min: 0 },
		{ name: "override_fen", word: "reward_override", kind: "money", hint: "override_hint", min: 0 },
		{ name: "override_reason", word: "reward_override_why", kind: "area", when: (values) => values.override_fen > 0 },
		{ name: "reason", word: "reward_reason", kind: "area" },
	];

	async function send(values) {
		const rest = Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith("factor:")));
		const factors = factorsOf(tip, values);

		become((await api.propose({ ...rest, tip: tip.id, ...factors.length > 0 ? { factors } : {} }, key)).reward);
	}

	return html`<${Form} id="act" fields=${fields} submit="propose_reward" cancel=${close} send=${send} />`;
}
