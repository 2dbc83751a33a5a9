/* What the officer holds, and what passed from here to a level above. */

import { say } from "../../words.js";
import { html, useEffect } from "../../ui/html.js";
import { Rows, useListKeys } from "./list.js";
import { useDesk, useTurn } from "./store.js";
import { refreshAbove } from "./work.js";

export function MinePage() {
	const { held, above, turn } = useDesk();

	const isItself = useTurn(turn);

	useListKeys();
	/* Words come with it, which are for somebody who is there. */
	useEffect(() => {
		if (!isItself() && turn > 0)
			refreshAbove();
	}, [turn]);
	return html`
		<h2 id="held-title"><span>${say("held")}</span> <span id="held-count" class="count">${held.length}</span></h2>
		<${Rows} id="tips" tips=${held} empty="held_none" />
		${above.length === 0 ? null : html`<div id="above-part">
			<h2>${say("escalated_list")} <span class="count">${above.length}</span></h2>
			<p class="hint">${say("escalated_hint")}</p>
			<${Rows} id="above" tips=${above} empty="held_none" />
		</div>`}`;
}
