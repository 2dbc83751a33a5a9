/* One account: its rights, and what an administrator may do about it. */

import { session } from "../../session.js";
import { say } from "../../words.js";
import { Confirm } from "../../ui/dialog.js";
import { Form } from "../../ui/form.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { tell } from "../../ui/notices.js";
import { Table } from "../../ui/table.js";
import { Day, When } from "../../ui/values.js";
import { StateMark } from "./accounts.js";
import { account, changeAccount } from "./calls.js";
import { Paper } from "./paper.js";
import { waitingOf } from "./waits.js";
import { Facts, Mark, Moment, roleChoices } from "./words.js";

/* --- rights ------------------------------------------------------------------ */

function grantColumns(ask, own) {
	return [
		{ key: "role", word: "adm_role", value: (grant) => say(`role_${grant.role}`) },
		{ key: "region", word: "adm_region", value: (grant) => html`<span class="mono">${grant.region}</span>` },
		{ key: "from", word: "adm_from", value: (grant) => grant.from ? html`<${When} at=${grant.from} />` : say("adm_always") },
		{ key: "until", word: "adm_until_head", value: (grant) => grant.until ? html`<${When} at=${grant.until} />` : say("adm_without_end") },
		{ key: "holds", word: "adm_state", value: (grant) => grant.asked_by ? html`<${Mark} as="warn">${say("adm_waits")}<//>`
			: html`<${Mark} as=${grant.holds ? "well" : "rest"}>${say(grant.holds ? "adm_holds" : "adm_holds_not")}<//>` },
		{ key: "act", word: "adm_act", value: (grant) => own || grant.asked_by ? null : html`<button type="button" class="quiet" onClick=${() => ask({ act: "revoke", grant })}
			aria-label=${say("adm_revoke_of", { role: say(`role_${grant.role}`), region: grant.region })}>${say("adm_revoke")}</button>` },
	];
}

const grantFields = () => [
	{ name: "role", word: "adm_role", kind: "choice", required: true, choices: roleChoices() },
	{ name: "region", word: "adm_region", kind: "region", required: true, hint: "adm_region_hint" },
	{ name: "from", word: "adm_from", kind: "time", hint: "adm_from_hint" },
	{ name: "until", word: "adm_until_head", kind: "time", hint: "adm_until_hint" },
];

/* The API's times have whole seconds. */
const second = (time) => time?.replace(/\.\d+Z$/, "Z");

function GrantForm({ person, changed }) {
	return html`<section class="card" aria-labelledby="grant-title"><h2 id="grant-title">${say("adm_grant_new")}</h2>
		<p class="hint">${say("adm_grant_hint")}</p>
		<${Form} id="grant" fields=${grantFields()} submit="adm_grant" clear send=${async ({ role, region, from, until }) =>
			changed(await changeAccount(person, "grant", { role, region, from: second(from), until: second(until) }))} /></section>`;
}

/* --- what waits ---------------------------------------------------------------- */

function Wait({ row, ask }) {
	const mine = row.by === session.who?.person;

	return html`<li>
		<p>${row.text} · ${say("adm_asked_by", { who: row.by })} · ${say("adm_until")} <${Moment} at=${row.until} /></p>
		${mine ? html`<p class="hint">${say("adm_another_confirms")}</p>` : null}
		<p class="row">
			${mine ? null : html`<button type="button" class="main" onClick=${() => ask({ act: row.kind === "grant" ? "confirm" : "recover", grant: row.grant })}>${say("adm_confirm")}</button>`}
			<button type="button" onClick=${() => ask(row.kind === "grant" ? { act: "refuse", grant: row.grant } : { act: "cancel_recovery", mine })}>
				${say(mine && row.kind === "recovery" ? "adm_take_back" : "adm_refuse")}</button>
		</p></li>`;
}

function Waits({ of, ask }) {
	const rows = waitingOf(of);

	return rows.length === 0 ? null : html`<section class="waits" aria-labelledby="waits-title"><h2 id="waits-title">${say("adm_waiting_title")}</h2>
		<ul>${rows.map((row) => html`<${Wait} key=${row.key} row=${row} ask=${ask} />`)}</ul></section>`;
}

/* --- changes that are asked about first --------------------------------------- */

const grave = new Set(["suspend", "recover", "revoke"]);

function bodyOf({ act, grant }) {
	if (act === "revoke" || act === "refuse")
		return { role: grant.role, region: grant.region };
	return act === "confirm" ? { role: grant.role, region: grant.region, from: grant.from, until: grant.until } : {};
}

/* What the server calls it. */
const actions = { confirm: "grant", refuse: "revoke" };

function Ask({ of, wish, close, changed }) {
	const { act, grant, mine } = wish;

	return html`<${Confirm} title=${say(`adm_${act}_title`, { who: of.person })} word=${act === "cancel_recovery" ? mine ? "adm_take_back" : "adm_refuse" : `adm_${act}`} grave=${grave.has(act)} close=${close}
		run=${async () => changed(await changeAccount(of.person, actions[act] ?? act, bodyOf(wish)))}>
		<p>${say(`adm_${act}_text`, { who: of.person, role: grant ? say(`role_${grant.role}`) : "", region: grant?.region })}</p>
	<//>`;
}

function Acts({ of, ask }) {
	const acts = [of.state === "suspended" ? "restore" : "suspend", "sign_out", "recover"];

	if (of.person === session.who?.person)
		return html`<p class="hint">${say("adm_own_account")}</p>`;
	return html`<p class="row">${acts.filter((act) => !(act === "recover" && of.recovery)).map((act) => html`<button key=${act} type="button" id="act-${act}" class=${act === "restore" ? "main" : ""}
		onClick=${() => ask({ act })}>${say(`adm_${act}`)}</button>`)}</p>`;
}

/* --- the page ------------------------------------------------------------------- */

function About({ of }) {
	return html`<${Facts} rows=${[
		["adm_state", html`<${StateMark} state=${of.state} />`],
		["adm_signed_in", of.signed_in_on ? html`<${Day} at=${of.signed_in_on} />` : say("adm_never")],
		["adm_made", html`<${When} at=${of.made} />`],
		["adm_code_out", of.setup_until ? html`<${Moment} at=${of.setup_until} />` : null],
	]} />`;
}

function One({ of, changed }) {
	const [wish, ask] = useState(null);
	const own = of.person === session.who?.person;

	return html`
		<header class="head"><h2>${of.name} <span class="mono hint">${of.person}</span></h2><${About} of=${of} /><${Acts} of=${of} ask=${ask} /></header>
		<${Waits} of=${of} ask=${ask} />
		<${Table} caption=${say("adm_grants")} columns=${grantColumns(ask, own)} rows=${of.grants} of=${(grant) => `${grant.role}-${grant.region}-${grant.from}`} empty="adm_grants_none" />
		${own ? null : html`<${GrantForm} person=${of.person} changed=${changed} />`}
		${wish ? html`<${Ask} of=${of} wish=${wish} close=${() => ask(null)} changed=${changed} />` : null}`;
}

export function Account({ name }) {
	const load = useLoad((signal) => account(name, signal), [name]);
	const [now, become] = useState(null);
	const [paper, give] = useState(null);

	/* The answer is the account as it is; with a code, the paper comes up once the question is gone. */
	function changed(answer) {
		become(answer);
		tell(say("adm_done"));
		if (answer.setup_code)
			setTimeout(() => give(answer));
	}

	return html`
		<p><a href="/admin">${say("adm_back_accounts")}</a></p>
		${paper ? html`<${Paper} of=${paper} close=${() => give(null)} />` : null}
		<${Loaded} of=${load} what="adm_accounts">${(value) => html`<${One} of=${now ?? value} changed=${changed} />`}<//>`;
}
