/* Two tips side by side, with what their texts have in common marked in both, each mark with the word of its kind. */

import { say } from "../../words.js";
import { html } from "../../ui/html.js";
import { When } from "../../ui/values.js";
import { piecesOf } from "./marks.js";

function Piece({ piece }) {
	if (piece.kinds.length === 0)
		return piece.text;
	return html`<mark class="evidence ${piece.kinds[0]}"><span class="evidence-kind">${piece.kinds.map((kind) => say(`evidence_${kind}`)).join(say("evidence_and"))}</span>${piece.text}</mark>`;
}

function Side({ tip, evidence, side }) {
	if (!tip)
		return html`<div class="pair-side"><p class="hint">${say("incident_far")}</p></div>`;
	return html`<div class="pair-side">
		<p class="hint"><span class="mono">${tip.id}</span> · ${[tip.region_name || tip.region, tip.place].filter(Boolean).join(" · ")} <span class="at">· <${When} at=${tip.received} /></span></p>
		${tip.readable ? html`<p class="said" lang=${tip.lang || null}>${piecesOf(tip.text || say("untitled"), evidence, side).map((piece) => html`<${Piece} piece=${piece} />`)}</p>`
			: html`<p class="hint">${say(tip.within ? "incident_sealed" : "incident_far")}</p>`}
	</div>`;
}

/* left: the tip that hangs there, right: that under which it hangs, or which is suggested; either may be unreadable here. */
export function Pair({ left, right, evidence = [] }) {
	const both = left?.readable && right?.readable;

	return html`<div class="pair">
		<${Side} tip=${left} evidence=${both ? evidence : []} side="here" />
		<${Side} tip=${right} evidence=${both ? evidence : []} side="there" />
		${both && evidence.length === 0 ? html`<p class="hint">${say("evidence_none")}</p>` : null}
	</div>`;
}
