/* Rails: the ways to pay, which are on hold, by whom and why. Whoever held one does not lift it. */

import { get } from "../../api.js";
import { hasRole } from "../../session.js";
import { Form } from "../../ui/form.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { tell } from "../../ui/notices.js";
import { When } from "../../ui/values.js";
import { say } from "../../words.js";
import { act } from "./calls.js";
import { Facts, isMe, landAtHead, sayDone, State } from "./parts.js";

const reason = { name: "reason", word: "money_f_reason", kind: "area", required: true, rows: 2, maxlength: 300 };

/* All that are offered, and those that were held and are offered no more. */
function all({ offered, rails }) {
	const names = [...new Set([...offered, ...rails.map((one) => one.rail)])];

	return names.map((rail) => ({ held: false, ...rails.find((one) => one.rail === rail), rail, offered: offered.includes(rail) }));
}

function Act({ rail, again }) {
	const name = rail.held ? "lift" : "hold";

	async function send(values) {
		tell(sayDone(await act(`/api/v1/rails/${encodeURIComponent(rail.rail)}/${name}`, values), say(`money_rail_${name}`)));
		landAtHead();
		again();
	}

	if (!hasRole(["finance", "auditor"]))
		return null;
	if (rail.held && isMe(rail.person))
		return html`<p class="hint">${say("money_rail_not_you")}</p>`;
	return html`<details><summary>${say(`money_rail_${name}`)}</summary>
		<${Form} id="money-rail-${rail.rail}" fields=${[reason]} submit="money_rail_${name}" send=${send} /></details>`;
}

function Rail({ rail, again }) {
	return html`<li class="card" id="rail-${rail.rail}">
		<h3>${rail.rail} <${State} of=${rail.held ? "held" : rail.offered ? "runs" : "gone"} prefix="money_rail" /></h3>
		<p>${say(rail.held ? "money_rail_held_told" : rail.offered ? "money_rail_runs_told" : "money_rail_gone_told")}</p>
		${rail.since ? html`<${Facts} rows=${[
			[rail.held ? "money_rail_held_by" : "money_rail_lifted_by", rail.person === "system" ? say("money_role_system") : rail.person],
			["money_since", html`<${When} at=${rail.since} />`], ["money_f_reason", rail.why]]} />` : null}
		<${Act} key=${rail.held} rail=${rail} again=${again} />
	</li>`;
}

export function Rails() {
	const load = useLoad((signal) => get("/api/v1/rails", signal), []);

	return html`<section class="page">
		<h2 id="money-title" tabindex="-1">${say("money_rails")}</h2>
		<${Loaded} of=${load} what="money_rails">${(of) => all(of).length === 0 ? html`<p class="hint">${say("money_rails_none")}</p>`
			: html`<ul class="money-rails">${all(of).map((rail) => html`<${Rail} key=${rail.rail} rail=${rail} again=${load.again} />`)}</ul>`}<//>
	</section>`;
}
