/* Messages that were given up: tried again as new ones, or let go. Neither numbers nor texts are known here. */

import { session } from "../../session.js";
import { say, known } from "../../words.js";
import { Confirm } from "../../ui/dialog.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { tell } from "../../ui/notices.js";
import { Table } from "../../ui/table.js";
import { Id } from "../../ui/values.js";
import { actOnLetter, deadLetters } from "./calls.js";
import { Moment } from "./words.js";

const reason = (word) => known(`adm_why_${word}`) ? say(`adm_why_${word}`) : word ?? "–";

const columns = (ask) => [
	{ key: "item", word: "adm_letter", value: (one) => html`<${Id} of=${one.item} />` },
	{ key: "at", word: "adm_given_up", value: (one) => html`<${Moment} at=${one.at} />` },
	{ key: "kind", word: "adm_kind", value: (one) => known(`adm_letter_${one.kind}`) ? say(`adm_letter_${one.kind}`) : one.kind },
	{ key: "connector", word: "adm_gateway", value: (one) => one.connector ?? "–" },
	{ key: "reason", word: "adm_why", value: (one) => reason(one.reason) },
	{ key: "tip", word: "adm_tip", value: (one) => one.tip ? html`<${Id} of=${one.tip} />` : "–" },
	{ key: "act", word: "adm_act", value: (one) => html`<span class="row">${["retry", "drop"].map((act) => html`<button key=${act} type="button" class="quiet"
		aria-label="${say(`adm_letter_${act}`)} ${one.item}" onClick=${() => ask({ act, one })}>${say(`adm_letter_${act}`)}</button>`)}</span>` },
];

function Letters() {
	const load = useLoad((signal) => deadLetters(signal));
	const [asked, ask] = useState(null);

	async function run() {
		await actOnLetter(asked.one.item, asked.act);
		tell(say(`adm_letter_${asked.act}_done`, { item: asked.one.item }));
		load.again();
	}

	return html`
		<${Loaded} of=${load}>${(value) => html`<${Table} caption=${say("adm_outbox")} columns=${columns(ask)} rows=${value.items} of=${(one) => one.item} keys empty="adm_outbox_none" />`}<//>
		${asked ? html`<${Confirm} title=${say(`adm_letter_${asked.act}_title`, { item: asked.one.item })} word="adm_letter_${asked.act}" grave=${asked.act === "drop"} run=${run} close=${() => ask(null)}>
			<p>${say(`adm_letter_${asked.act}_text`)}</p><//>` : null}`;
}

/* A shard is of many bureaus: its letters are for who has rights over all of it. */
export function Outbox() {
	if (!session.who.region.endsWith("0000"))
		return html`<p>${say("adm_outbox_beyond")}</p>`;
	return html`<p class="hint">${say("adm_outbox_hint")}</p><${Letters} />`;
}
