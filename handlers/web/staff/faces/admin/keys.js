/* Whose keys open what, and how far the weekly keys are. Names and numbers, never a key. */

import { say } from "../../words.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Table } from "../../ui/table.js";
import { Day } from "../../ui/values.js";
import { keys } from "./calls.js";
import { Facts, Mark, Moment } from "./words.js";

const columns = [
	{ key: "region", word: "adm_bureau", value: (one) => html`<span class="mono">${one.region}</span>` },
	{ key: "persons", word: "adm_opens_for", value: (one) => one.persons.length > 0 ? one.persons.join(", ") : html`<${Mark} as="bad">${say("adm_nobody")}<//>` },
	{ key: "recovery", word: "adm_recovery_key", value: (one) => html`<${Mark} as=${one.recovery ? "well" : "warn"}>${say(one.recovery ? "adm_yes" : "adm_no")}<//>` },
	{ key: "earlier", word: "adm_earlier_keys", numeric: true, value: (one) => one.earlier },
];

const VAULT = { open: "warn", halfway: "bad", closed: "well" };

function Identity({ of }) {
	return html`<section class="card" aria-labelledby="identity-title"><h2 id="identity-title">${say("adm_identity")}</h2>
		<p><${Mark} as=${VAULT[of.state]}>${say(`adm_vault_${of.state}`)}<//></p>
		<ol>${of.halves.map((half, i) => html`<li key=${i}>${half.persons ? half.persons.join(", ") || say("adm_nobody") : say("adm_holders", { n: half.holders })}</li>`)}</ol>
	</section>`;
}

const week = (one) => one ? html`<span class="mono">${one.week}</span> (${say("adm_week_from")} <${Day} at=${one.begins} />)` : null;

/* Why old keys are still here, as far as this process knows. */
function holdsBack({ rewrap }) {
	if (!rewrap)
		return html`<${Mark} as="rest">${say("adm_rewrap_elsewhere")}<//>`;
	if (rewrap.held_back)
		return html`<${Mark} as="warn">${say("adm_held_out_of_sight")}<//>`;
	if (rewrap.tips_under_them > 0)
		return html`<${Mark} as="warn">${say("adm_held_tips", { n: rewrap.tips_under_them })}<//>`;
	return html`<${Mark} as="well">${say(rewrap.old_keys > 0 ? "adm_held_second_look" : "adm_held_nothing")}<//>`;
}

function Weeks({ of }) {
	const job = of.rewrap;

	return html`<section class="card" aria-labelledby="weeks-title"><h2 id="weeks-title">${say("adm_weeks")}</h2>
		<${Facts} rows=${[
			["adm_weeks_here", of.here],
			["adm_week_oldest", week(of.oldest)],
			["adm_week_newest", week(of.newest)],
			["adm_week_missed", of.missed ? html`<${Mark} as="bad">${week(of.missed)}<//>` : null],
			["adm_weeks_destroyed", of.destroyed],
			["adm_holds_back", holdsBack(of)],
			["adm_old_keys", job?.old_keys],
			["adm_moved", job?.moved],
			["adm_stayed", job?.stayed],
			["adm_round", job ? html`<${Moment} at=${job.round_at} />` : null],
		]} /></section>`;
}

export function Keys() {
	const load = useLoad((signal) => keys(signal));

	return html`<${Loaded} of=${load}>${(value) => html`
		${value.plain_files > 0 ? html`<p class="alarm" role="alert">${say("adm_plain_files", { n: value.plain_files })}</p>` : null}
		<div class="cards"><${Weeks} of=${value.weeks} /><${Identity} of=${value.identity} /></div>
		<${Table} caption=${say("adm_bureau_keys")} columns=${columns} rows=${value.bureaus} of=${(one) => one.region} empty="adm_bureau_keys_none" />`}<//>`;
}
