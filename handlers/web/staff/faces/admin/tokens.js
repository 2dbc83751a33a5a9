/* Tokens: of whom, for what, how long, when used last; and revoking them. They are made at the machine. */

import { route } from "../../router.js";
import { say } from "../../words.js";
import { Confirm } from "../../ui/dialog.js";
import { Filters } from "../../ui/filters.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { tell } from "../../ui/notices.js";
import { Table } from "../../ui/table.js";
import { Day, Id } from "../../ui/values.js";
import { revokeToken, tokens } from "./calls.js";
import { Mark } from "./words.js";

const DAY_MS = 86400000;
const UNUSED_DAYS = 90;

/* As `tipctl token list` has it. */
function isUnused(one) {
	return Date.now() - Date.parse(one.used_on ?? one.created) >= UNUSED_DAYS * DAY_MS;
}

function Expires({ of }) {
	if (of.expires === null)
		return html`<${Mark} as="warn">${say("adm_without_end")}<//>`;
	return html`<${Day} at=${of.expires} />${of.expired ? html` <${Mark} as="bad">${say("adm_expired")}<//>` : null}`;
}

const columns = (ask) => [
	{ key: "id", word: "adm_token_id", value: (one) => html`<${Id} of=${one.id} />${one.yours ? html` <span class="hint">${say("adm_yours")}</span>` : null}` },
	{ key: "person", word: "adm_person", value: (one) => one.person },
	{ key: "roles", word: "adm_roles", value: (one) => one.roles.map((role) => say(`role_${role}`)).join(", ") },
	{ key: "region", word: "adm_region", value: (one) => html`<span class="mono">${one.region}</span>` },
	{ key: "scope", word: "adm_scope", value: (one) => one.scope.length > 0 ? html`<span class="mono scope">${one.scope.join(" ")}</span>` : html`<span class="scope">${say("adm_scope_all")}</span>` },
	{ key: "expires", word: "adm_expires", value: (one) => html`<${Expires} of=${one} />` },
	{ key: "used", word: "adm_used", value: (one) => html`${one.used_on ? html`<${Day} at=${one.used_on} />` : html`<span class="hint">${say("adm_never")}</span>`}
		${isUnused(one) ? html` <${Mark} as="warn">${say("adm_unused")}<//>` : null}` },
	{ key: "act", word: "adm_act", value: (one) => html`<button type="button" class="quiet" aria-label=${say("adm_token_revoke_of", { id: one.id, who: one.person })}
		onClick=${() => ask(one)}>${say("adm_revoke")}</button>` },
];

function passes(one) {
	const words = (route.query.get("q") ?? "").toLowerCase();
	return words === "" || `${one.id} ${one.person} ${one.region} ${one.roles.join(" ")}`.toLowerCase().includes(words);
}

export function Tokens() {
	const load = useLoad((signal) => tokens(signal));
	const [asked, ask] = useState(null);

	async function revoke() {
		await revokeToken(asked.id);
		tell(say("adm_token_revoked", { id: asked.id }));
		load.again();
	}

	return html`
		<p class="hint">${say("adm_tokens_hint")} <code>tipctl token add --person NAME --role ROLE --region CODE</code></p>
		<${Filters} fields=${[{ name: "q", word: "adm_search", kind: "text" }]} />
		<${Loaded} of=${load}>${({ tokens: all }) => html`<${Table} caption=${say("adm_tokens")} columns=${columns(ask)} rows=${all.filter(passes)}
			of=${(one) => one.id} keys empty=${all.length === 0 ? "adm_tokens_none" : "adm_nothing_fits"} />`}<//>
		${asked ? html`<${Confirm} title=${say("adm_token_revoke_title", { id: asked.id })} word="adm_revoke" grave run=${revoke} close=${() => ask(null)}>
			<p>${say(asked.yours ? "adm_token_revoke_own" : "adm_token_revoke_text", { who: asked.person })}</p><//>` : null}`;
}
