/*
 * Who saw what: the audit trail, the auditors' own views among it. Newest first, a piece at a time back to the first event;
 * with a number in the address from there on, oldest first.
 */

import { withQuery } from "../../api.js";
import { say } from "../../words.js";
import { Filters } from "../../ui/filters.js";
import { html } from "../../ui/html.js";
import { Loaded } from "../../ui/load.js";
import { When } from "../../ui/values.js";
import { Page, role, Sheet, to, term, usePieces } from "./parts.js";

const MAX = 100;
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
	{ key: "count", word: "au_sent_rows", numeric: true, csv: (row) => row.count ?? "", value: (row) => row.count ?? "" },
	{ key: "to", word: "au_sent_hash", csv: (row) => row.to ?? "", value: (row) => row.to ? html`<span class="mono" title=${row.to}>${row.to.slice(0, 12)}</span>` : "–" },
	{ key: "query", word: "au_query", csv: (row) => row.query ?? "", value: (row) => row.query ? html`<span class="mono au-long">${row.query}</span>` : "–" },
];

/* Oldest first `next` is always told, and there is no more when nothing came; newest first it is 1 at the end. */
const rising = { cursor: "from", last: (answer) => answer.events.length === 0 };
const falling = { cursor: "before", last: (answer) => answer.next <= 1 };

export function Access({ route }) {
	const from = route.query.get("from");
	const wish = { ...Object.fromEntries(["person", "event", "id"].map((name) => [name, route.query.get(name)])), from, order: from ? null : "newest", max: MAX };
	const { load, rows, more } = usePieces("/api/v1/audit/trail", wish, "events", from ? rising : falling);

	return html`<${Page} title=${say("au_access")}>
		<p class="hint">${say("au_access_why")}</p>
		<${Filters} fields=${fields} />
		${from ? html`<p><a id="newest" href=${withQuery("/audit/access", { ...wish, from: null, order: null, max: null, as_of: route.query.get("as_of") })}>${say("au_newest")}</a></p>` : null}
		<${Loaded} of=${load} what="au_access">${() => html`
			<${Sheet} name="access" caption=${say("au_trail_events")} columns=${columns} rows=${rows} of=${(row) => row.number} keys pieces more=${more}
				href=${(row) => to("/audit/access", { from: row.number })} empty="au_no_event" />`}<//>
	<//>`;
}
