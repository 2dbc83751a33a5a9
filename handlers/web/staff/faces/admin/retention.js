/* What retention deleted, by month, region, outcome and part; and a round of it right now. */

import { say, known } from "../../words.js";
import { Confirm } from "../../ui/dialog.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Table } from "../../ui/table.js";
import { retention, runRetention } from "./calls.js";
import { Facts, Moment } from "./words.js";

const named = (kind, word) => known(`adm_${kind}_${word}`) ? say(`adm_${kind}_${word}`) : word;

const columns = [
	{ key: "month", word: "adm_month", value: (one) => one.month },
	{ key: "region", word: "adm_region", value: (one) => html`<span class="mono">${one.region}</span>` },
	{ key: "outcome", word: "adm_outcome", value: (one) => named("outcome", one.outcome) },
	{ key: "part", word: "adm_part", value: (one) => named("part", one.part) },
	{ key: "tips", word: "adm_tips", numeric: true, value: (one) => one.tips },
];

function Begun({ of }) {
	return html`<section class="card" role="status" aria-labelledby="round-title"><h2 id="round-title">${say("adm_round_begun")}</h2>
		${of.clock_waits ? html`<p class="alarm">${say("adm_clock_waits")}</p>` : null}
		<${Facts} rows=${[
			["adm_round", html`<${Moment} at=${of.last_round_at} />`],
			["adm_due", of.due],
			["adm_held_tips", of.held],
		]} /></section>`;
}

function Report() {
	const load = useLoad((signal) => retention(undefined, signal));
	const [further, add] = useState({ rows: [], next: undefined });

	return html`<${Loaded} of=${load}>${(value) => {
		const next = further.next === undefined ? value.next : further.next;
		const more = next === null ? undefined : async () => {
			const page = await retention(next);
			add({ rows: [...further.rows, ...page.rows], next: page.next });
		};

		return html`<${Table} caption=${say("adm_retention")} columns=${columns} rows=${[...value.rows, ...further.rows]}
			of=${(one) => `${one.month} ${one.region} ${one.outcome} ${one.part}`} empty="adm_retention_none" more=${more} />`;
	}}<//>`;
}

export function Retention() {
	const [asking, ask] = useState(false);
	const [begun, become] = useState(null);

	return html`
		<p class="row"><span class="hint">${say("adm_retention_hint")}</span> <button type="button" id="run-retention" onClick=${() => ask(true)}>${say("adm_retention_run")}</button></p>
		${begun ? html`<${Begun} of=${begun} />` : null}
		<${Report} />
		${asking ? html`<${Confirm} title=${say("adm_retention_run_title")} word="adm_retention_run" grave close=${() => ask(false)} run=${async () => become(await runRetention())}>
			<p>${say("adm_retention_run_text")}</p><//>` : null}`;
}
