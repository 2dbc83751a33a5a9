/* Accounts: who may sign in, as what, where and until when; what waits for a second administrator; a new one. */

import { setQuery, route } from "../../router.js";
import { session } from "../../session.js";
import { say } from "../../words.js";
import { Filters } from "../../ui/filters.js";
import { Form } from "../../ui/form.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Table } from "../../ui/table.js";
import { Day } from "../../ui/values.js";
import { accounts, addAccount } from "./calls.js";
import { Paper } from "./paper.js";
import { waitingOf } from "./waits.js";
import { Mark, Moment } from "./words.js";

const STATES = ["invited", "active", "suspended"];
const MARKS = { invited: "rest", active: "well", suspended: "bad" };

export function StateMark({ state }) {
	return html`<${Mark} as=${MARKS[state]}>${say(`adm_state_${state}`)}<//>`;
}

/* "officer at 150600 until ...": those that hold first; one that does not is told as such. */
function Grants({ of }) {
	if (of.grants.length === 0)
		return html`<span class="hint">${say("adm_no_grants")}</span>`;
	return html`<ul class="grants">${of.grants.map((grant) => html`<li key="${grant.role}-${grant.region}-${grant.from}" class=${grant.holds ? null : "off"}>
		${say(`role_${grant.role}`)} <span class="mono">${grant.region}</span>
		${grant.until ? html` <span class="hint">${say("adm_until")} <${Day} at=${grant.until} /></span>` : null}
		${grant.holds ? null : html` <span class="hint">${say(grant.asked_by ? "adm_waits" : "adm_holds_not")}</span>`}</li>`)}</ul>`;
}

const columns = [
	{ key: "person", word: "account", value: (one) => one.person },
	{ key: "name", word: "adm_name", value: (one) => one.name },
	{ key: "state", word: "adm_state", value: (one) => html`<${StateMark} state=${one.state} />` },
	{ key: "grants", word: "adm_grants", value: (one) => html`<${Grants} of=${one} />` },
	{ key: "seen", word: "adm_signed_in", value: (one) => one.signed_in_on ? html`<${Day} at=${one.signed_in_on} />` : html`<span class="hint">${say("adm_never")}</span>` },
];

const filters = () => [
	{ name: "q", word: "adm_search", kind: "text" },
	{ name: "state", word: "adm_state", kind: "choice", choices: STATES.map((state) => ({ value: state, text: say(`adm_state_${state}`) })) },
	{ name: "role", word: "adm_role", kind: "choice", choices: ["officer", "verifier", "proposer", "approver", "finance", "auditor", "cashier", "admin"]
		.map((role) => ({ value: role, text: say(`role_${role}`) })) },
];

function passes(one) {
	const words = (route.query.get("q") ?? "").toLowerCase();
	const state = route.query.get("state");
	const role = route.query.get("role");

	return (words === "" || `${one.person} ${one.name} ${one.grants.map((grant) => grant.region).join(" ")}`.toLowerCase().includes(words)) &&
		(!state || one.state === state) && (!role || one.grants.some((grant) => grant.role === role));
}

function Waiting({ all }) {
	const rows = all.flatMap(waitingOf);

	if (rows.length === 0)
		return null;
	return html`<section class="waits" aria-labelledby="waits-title"><h2 id="waits-title">${say("adm_waiting_title")}</h2>
		<ul>${rows.map((row) => html`<li key=${row.key}><p><a href="/admin/accounts/${encodeURIComponent(row.person)}">${row.person}</a>: ${row.text} · ${say("adm_asked_by", { who: row.by })} · ${say("adm_until")} <${Moment} at=${row.until} />
			${row.by === session.who?.person ? html` · <span class="hint">${say("adm_another_confirms")}</span>` : null}</p></li>`)}</ul></section>`;
}

const newFields = [
	{ name: "person", word: "account", kind: "text", required: true, pattern: "[A-Za-z0-9._@\\-]{1,64}", hint: "adm_person_hint", maxlength: 64 },
	{ name: "name", word: "adm_name", kind: "text", required: true, maxlength: 128 },
];

function New({ made }) {
	const [open, show] = useState(false);

	if (!open)
		return html`<p><button type="button" class="main" id="account-new" onClick=${() => show(true)}>${say("adm_account_new")}</button></p>`;
	return html`<section class="card" aria-labelledby="new-title"><h2 id="new-title">${say("adm_account_new")}</h2>
		<p class="hint">${say("adm_account_new_hint")}</p>
		<${Form} id="new-account" fields=${newFields} submit="adm_account_make" cancel=${() => show(false)} send=${async (values) => {
			made(await addAccount(values));
			show(false);
		}} /></section>`;
}

export function Accounts() {
	const load = useLoad((signal) => accounts(signal));
	const [paper, give] = useState(null);

	function made(one) {
		give(one);
		load.again();
		setQuery({ q: null, state: null, role: null });
	}

	return html`
		<${New} made=${made} />
		${paper ? html`<${Paper} of=${paper} close=${() => give(null)} />` : null}
		<${Loaded} of=${load}>${({ accounts: all }) => html`
			<${Waiting} all=${all} />
			<${Filters} fields=${filters()} />
			<${Table} caption=${say("adm_accounts")} columns=${columns} rows=${all.filter(passes)} of=${(one) => one.person} keys
				href=${(one) => `/admin/accounts/${encodeURIComponent(one.person)}`} empty=${all.length === 0 ? "adm_accounts_none" : "adm_nothing_fits"} />`}<//>`;
}
