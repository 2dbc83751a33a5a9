/* Health of the ways in and out: gateways and links of short messages, rails of payments. As this process knows it. */

import { say } from "../../words.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Table } from "../../ui/table.js";
import { Money } from "../../ui/values.js";
import { gateways } from "./calls.js";
import { Mark, Moment } from "./words.js";

const elsewhere = () => html`<span class="hint">${say("adm_elsewhere")}</span>`;

/* One word for all of it: the worst that is so now. */
function stateOf(one) {
	if (one.sessions && one.sessions.up === 0 && one.sessions.wanted > 0)
		return ["bad", "adm_gate_down"];
	if (one.out?.breaker === "open")
		return ["bad", "adm_gate_open"];
	if (one.sessions && one.sessions.up < one.sessions.wanted)
		return ["warn", "adm_gate_partly"];
	if (one.out?.breaker === "trying")
		return ["warn", "adm_gate_trying"];
	if (one.in?.fault && one.in.last_fault > (one.in.last_message ?? ""))
		return ["warn", "adm_gate_fault"];
	return one.in === null && one.out === null ? ["rest", "adm_elsewhere"] : ["well", "adm_gate_well"];
}

function State({ of }) {
	const [as, word] = stateOf(of);
	return html`<${Mark} as=${as}>${say(word)}<//>`;
}

function Fault({ of }) {
	if (!of.fault)
		return html`<span class="hint">${say("adm_none")}</span>`;
	return html`${say(`adm_fault_${of.fault}`)} · <${Moment} at=${of.last_fault} />`;
}

/* What waits in this process for a connection, or for the carrier's answer. */
function backlog({ sessions }) {
	return sessions ? sessions.queued + sessions.open : "–";
}

const gatewayColumns = [
	{ key: "name", word: "adm_gateway", value: (one) => one.name },
	{ key: "state", word: "adm_state", value: (one) => html`<${State} of=${one} />` },
	{ key: "kind", word: "adm_kind", value: (one) => one.driver ?? say("adm_link") },
	{ key: "last", word: "adm_last_message", value: (one) => one.in ? html`<${Moment} at=${one.in.last_message} />` : elsewhere() },
	{ key: "fault", word: "adm_last_fault", value: (one) => one.in ? html`<${Fault} of=${one.in} />` : elsewhere() },
	{ key: "messages", word: "adm_messages_in", numeric: true, value: (one) => one.in?.messages ?? "–" },
	{ key: "faults", word: "adm_faults", numeric: true, value: (one) => one.in?.faults ?? "–" },
	{ key: "sent", word: "adm_sent", numeric: true, value: (one) => one.out?.accepted ?? "–" },
	{ key: "refused", word: "adm_refused", numeric: true, value: (one) => one.out?.refused ?? "–" },
	{ key: "backlog", word: "adm_backlog", numeric: true, value: backlog },
	{ key: "up", word: "adm_connections", numeric: true, value: (one) => one.sessions ? `${one.sessions.up}/${one.sessions.wanted}` : "–" },
];

function railState(one) {
	if (one.held)
		return ["bad", "adm_rail_held"];
	if (one.breaker_open)
		return ["bad", "adm_rail_silent"];
	if (one.gone)
		return ["rest", "adm_rail_gone"];
	return one.enabled ? ["well", "adm_rail_on"] : ["rest", "adm_rail_off"];
}

const railColumns = [
	{ key: "name", word: "adm_rail", value: (one) => one.name },
	{ key: "state", word: "adm_state", value: (one) => {
		const [as, word] = railState(one);
		return html`<${Mark} as=${as}>${say(word)}<//>`;
	} },
	{ key: "driver", word: "adm_kind", value: (one) => one.driver },
	{ key: "sent", word: "adm_rail_sent", numeric: true, value: (one) => one.sent },
	{ key: "asked", word: "adm_rail_asked", numeric: true, value: (one) => one.asked },
	{ key: "silent", word: "adm_rail_unanswered", numeric: true, value: (one) => one.unanswered },
	{ key: "today", word: "adm_rail_today", numeric: true, value: (one) => html`<${Money} fen=${one.daily_sent_fen} />` },
	{ key: "limit", word: "adm_rail_limit", numeric: true, value: (one) => one.daily_limit_fen > 0 ? html`<${Money} fen=${one.daily_limit_fen} />` : "–" },
	{ key: "profile", word: "adm_rail_profile", value: (one) => html`<${Moment} at=${one.profile_at} />` },
];

export function Health() {
	const load = useLoad((signal) => gateways(signal));

	return html`
		<p class="row"><span class="hint">${say("adm_health_hint")}</span> <button type="button" onClick=${load.again} disabled=${load.busy}>${say("adm_look_again")}</button></p>
		<${Loaded} of=${load}>${(value) => html`
			<${Table} caption=${say("adm_gateways")} columns=${gatewayColumns} rows=${value.gateways} of=${(one) => one.name} empty="adm_gateways_none" />
			<${Table} caption=${say("adm_rails")} columns=${railColumns} rows=${value.rails} of=${(one) => one.name} empty="adm_rails_none" />`}<//>`;
}
