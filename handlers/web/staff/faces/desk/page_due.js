/* What comes next: whose lease ends, what passes to the level above, the soonest first. The server puts them in order. */

import { say } from "../../words.js";
import { session } from "../../session.js";
import { html } from "../../ui/html.js";
import { Loaded } from "../../ui/load.js";
import { Rows, useListKeys } from "./list.js";
import { useRows } from "./page_queue.js";
import { useDesk } from "./store.js";

const ASKED = { state: "all", order: "due" };

/* Of what the officer holds the words are here. */
function withWords(tips, held) {
	const mine = new Map(held.map((tip) => [tip.id, tip]));
	return tips.map((tip) => ({ ...mine.get(tip.id), ...tip }));
}

export function DuePage() {
	const { held, turn } = useDesk();
	const load = useRows(session.who.region, ASKED, turn);

	useListKeys();
	return html`
		<h2 id="list-title">${say("page_due")}</h2>
		<p class="hint">${say("due_hint")}</p>
		<${Loaded} of=${load} what="queues">${({ tips, next }) => html`<${Rows} id="due" tips=${withWords(tips, held)} empty="due_none" more=${next === null ? null : load.more} />`}<//>`;
}
