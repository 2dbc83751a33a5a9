/*
 * One's own account: who one is here and for how long, another password, and signing out.
 */

import { changePassword, refresh, session, signOut } from "../../session.js";
import { Confirm } from "../../ui/dialog.js";
import { Form } from "../../ui/form.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { attempt, tell } from "../../ui/notices.js";
import { Table } from "../../ui/table.js";
import { Age, Id, timeOf, When } from "../../ui/values.js";
import { addWords, say } from "../../words.js";
import en from "../../words/own.en.json";
import zh from "../../words/own.zh-CN.json";

addWords({ "zh-CN": zh, en });

const fields = [
	{ name: "old", word: "old_password", kind: "password", required: true, autocomplete: "current-password" },
	{ name: "new", word: "new_password", kind: "password", hint: "password_hint", minlength: 12, required: true, autocomplete: "new-password" },
	{ name: "again", word: "password_again", kind: "password", same: "new", required: true, autocomplete: "new-password" },
];

function fact(word, node) {
	return node ? html`<dt>${say(word)}</dt><dd>${node}</dd>` : null;
}

function Until({ at }) {
	return html`<${When} at=${at} /> <span class="hint">(<${Age} at=${at} />)</span>`;
}

function Who({ who }) {
	return html`<dl class="own-facts">
		${fact("own_name", who.name)}
		${fact("account", html`<${Id} of=${who.person} />`)}
		${fact("own_region", html`<${Id} of=${who.region} />`)}
		${fact("own_roles", who.roles.map((role) => say(`role_${role}`)).join(say("list_comma")))}
		${fact("own_token", who.token ? html`<${Id} of=${who.token} />` : null)}
		${fact("own_session", who.session ? html`<${Id} of=${who.session} />` : null)}
		${fact("own_idle", who.idle_ends ? html`<${Until} at=${who.idle_ends} />` : null)}
		${fact("own_ends", who.ends ? html`<${Until} at=${who.ends} />` : null)}
		${fact("own_others", who.session ? String(who.others) : null)}
	</dl>`;
}

/* What a grant is worth now. */
function grantState(grant) {
	if (grant.holds)
		return say("grant_holds");
	if (grant.asked_by)
		return say("grant_asked", { by: grant.asked_by });
	return say(timeOf(grant.from) > Date.now() ? "grant_later" : "grant_over");
}

const grantColumns = [
	{ key: "role", word: "own_role", value: (grant) => say(`role_${grant.role}`) },
	{ key: "region", word: "own_region", value: (grant) => html`<${Id} of=${grant.region} />` },
	{ key: "from", word: "grant_from", value: (grant) => grant.from ? html`<${When} at=${grant.from} />` : say("grant_always") },
	{ key: "until", word: "grant_until", value: (grant) => grant.until ? html`<${When} at=${grant.until} />` : say("grant_no_end") },
	{ key: "state", word: "grant_state", value: grantState },
];

function Grants({ grants }) {
	return html`<${Table} caption=${say("own_grants")} columns=${grantColumns} rows=${grants} of=${(grant) => [grant.role, grant.region, grant.from].join(" ")} />`;
}

function Password() {
	async function send({ old, new: next }) {
		await changePassword({ old, new: next });
		tell(say("password_changed"));
	}

	return html`<section class="card" aria-labelledby="password-title">
		<h3 id="password-title">${say("password_title")}</h3>
		<p class="hint">${say("password_others")}</p>
		<${Form} id="password" fields=${fields} submit="password_go" send=${send} clear />
	</section>`;
}

function Everywhere() {
	const [asked, ask] = useState(false);

	return html`<button type="button" id="everywhere" onClick=${() => ask(true)}>${say("leave_everywhere")}</button>
		${asked ? html`<${Confirm} title=${say("leave_everywhere")} word="leave_everywhere" run=${() => signOut({ everywhere: true })} close=${() => ask(false)}>
			<p>${say("leave_everywhere_hint")}</p><//>` : null}`;
}

function Leave() {
	return html`<section class="card" aria-labelledby="leave-title">
		<h3 id="leave-title">${say("sign_out")}</h3>
		<p class="hint">${say(session.byToken ? "leave_token" : "leave_session")}</p>
		<p class="row"><button type="button" onClick=${() => attempt("sign_out", () => signOut())}>${say("sign_out")}</button>
			${session.byToken ? null : html`<${Everywhere} />`}</p>
	</section>`;
}

export default function Account() {
	const load = useLoad((signal) => refresh(signal), []);

	return html`<div class="page own">
		<h2>${say("face_account")}</h2>
		<section class="card"><${Loaded} of=${load} what="own_ask">${(who) => html`<${Who} who=${who} />
			${who.grants ? html`<${Grants} grants=${who.grants} />` : null}`}<//></section>
		${session.byToken ? null : html`<${Password} />`}
		<${Leave} />
	</div>`;
}
