/* Who saw what: the audit trail, the auditors' own views among it. Oldest first; the end is found by doubling and halving. */

import { get, withQuery } from "../../api.js";
import { setQuery } from "../../router.js";
import { say } from "../../words.js";
import { Filters } from "../../ui/filters.js";
import { html, useEffect, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { attempt } from "../../ui/notices.js";
import { When } from "../../ui/values.js";
import { Page, role, Sheet, to, term } from "./parts.js";

const MAX = 200;
const kinds = ["view", "read", "read_file", "read_original", "claim", "look_up", "export", "unseal", "sign_in", "sign_in_failed", "sign_out",
	"session_ended", "started", "stopped", "config_loaded", "config_changed", "config_refused", "token_added", "token_revoked", "key_made",
	"key_destroyed", "account_changed", "tool", "lost", "unseal_asked", "unseal_withdrawn", "key_granted", "key_revoked"];

const fields = [
	{ name: "from", word: "au_from" },
	{ name: "person", word: "au_person" },
	{ name: "event", word: "au_event", kind: "choice", get choices() {
		return kinds.map((value) => ({ value, text: term("event", value) }));
	} },
	{ name: "id", word: "au_about" },
];

const columns = [
	{ key: "number", word: "au_number", value: (row) => row.number },
	{ key: "at", word: "au_at", csv: (row) => new Date(row.at).toISOString(), value: (row) => html`<${When} at=${row.at} />` },
	{ key: "by", word: "au_person", csv: (row) => row.by ?? "",
	  value: (row) => row.by ? html`${row.by} <span class="hint">${(row.roles ?? "").split(" ").filter(Boolean).map(role).join(", ")}</span>` : "–" },
	{ key: "event", word: "au_event", csv: (row) => row.event,
	  value: (row) => html`${term("event", row.event)} ${row.unattended ? html`<span class="hint">${say("au_unattended")}</span>` : null}` },
	{ key: "call", word: "au_call", csv: (row) => row.call ?? "", value: (row) => row.call ? html`<span class="mono">${row.call}</span>` : "–" },
	{ key: "id", word: "au_about", csv: (row) => row.id ?? "", value: (row) => row.id ? html`<span class="mono au-long">${row.id}</span>` : "–" },
	{ key: "query", word: "au_query", csv: (row) => row.query ?? "", value: (row) => row.query ? html`<span class="mono au-long">${row.query}</span>` : "–" },
];

async function isThere(number) {
	return (await get(withQuery("/api/v1/audit/trail", { from: number, max: 1 }))).events.length > 0;
}

/* The number of the newest event; each look is one itself, so it may be passed by a little. */
async function newest() {
	let low = 1;
	let high = 1024;

	for (; await isThere(high); high *= 2)
		low = high;
	while (high - low > MAX / 4) {
		const middle = Math.floor((low + high) / 2);

		if (await isThere(middle))
			low = middle;
		else
			high = middle;
	}
	return low;
}

export function Access({ route }) {
	const wish = Object.fromEntries(["from", "person", "event", "id"].map((name) => [name, route.query.get(name)]));
	const path = withQuery("/api/v1/audit/trail", { ...wish, max: MAX });
	const load = useLoad((signal) => get(path, signal), [path], { keep: true });
	const [after, add] = useState({ events: [], next: null });

	useEffect(() => add({ events: [], next: null }), [path]);
	async function more() {
		const answer = await get(withQuery("/api/v1/audit/trail", { ...wish, from: after.next ?? load.value.next, max: MAX }));
		add({ events: [...after.events, ...answer.events], next: answer.next });
	}

	return html`<${Page} title=${say("au_access")}>
		<p class="hint">${say("au_access_why")}</p>
		<${Filters} fields=${fields} />
		<p><button type="button" id="newest" onClick=${() => attempt("au_newest", async () => setQuery({ from: Math.max(1, await newest() - MAX / 2) }))}>${say("au_newest")}</button></p>
		<${Loaded} of=${load} what="au_access">${({ events }) => html`
			<${Sheet} name="access" caption=${say("au_trail_events")} columns=${columns} rows=${[...events, ...after.events]} of=${(row) => row.number} keys
				href=${(row) => to("/audit/access", { from: row.number })} empty="au_no_event" more=${more} />`}<//>
	<//>`;
}
