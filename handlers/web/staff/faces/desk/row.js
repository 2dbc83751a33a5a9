/*
 * A tip as a row of a list: what it is worth, how old it is, why, its clock, who works on it. Of a queue there are reasons
 * and no words; of what is held there are words.
 */

import { route } from "../../router.js";
import { say } from "../../words.js";
import { html } from "../../ui/html.js";
import { Age } from "../../ui/values.js";
import { Escalation, Lease } from "./clock.js";
import { pick } from "./store.js";
import { isMine } from "./work.js";

/* The present page with that tip open; null closes. */
export function hrefOfTip(id) {
	const query = new URLSearchParams(route.query);

	if (id === null)
		query.delete("tip");
	else
		query.set("tip", id);
	return query.size > 0 ? `${route.path}?${query}` : route.path;
}

/* "claimed" is also what the desk says after a claim, so the state has its own word. */
export function sayState(state) {
	return say(state === "claimed" ? "claimed_state" : state || "claimed_state");
}

export function Priority({ tip }) {
	return html`<span class="priority ${tip.priority}">${say(tip.priority)} <b>${tip.score}</b></span>`;
}

export function Mark({ word, values }) {
	return html`<span class="mark">${say(word, values)}</span>`;
}

function Marks({ tip }) {
	return html`
		${tip.copy ? html`<${Mark} word="incident_copy" />` : null}
		${tip.incident?.tips > 1 ? html`<${Mark} word="incident_tips" values=${{ n: tip.incident.tips }} />` : null}
		${tip.reopens > 0 ? html`<${Mark} word="reopened_mark" />` : null}`;
}

/* Words where they were opened; else why it belongs where it does, and what others add to it. */
function Gist({ tip }) {
	if (typeof tip.text === "string")
		return html`<span class="tip-row-text">${tip.text || say("untitled")}</span>`;
	const reasons = (tip.reasons ?? []).map((one) => typeof one === "string" ? one : one.text || one.name);
	return reasons.length > 0 ? html`<span class="tip-row-text hint">${reasons.join(" · ")}</span>` : null;
}

/* of: the tip's id, by which lists know their rows; picks: whether it may be selected. */
export function Row({ tip, picked, picks, problem }) {
	const chosen = route.query.get("tip") === tip.id;

	return html`<li class="tip-line">
		${picks ? html`<input type="checkbox" class="pick" checked=${picked} aria-label=${say("pick_tip", { id: tip.id })}
			onChange=${(event) => pick([tip.id], event.currentTarget.checked)} />` : null}
		<a class="tip-row" data-row=${tip.id} href=${hrefOfTip(tip.id)} aria-current=${chosen ? "true" : null}>
			<span class="tip-row-head"><${Priority} tip=${tip} /><span class="mono">${tip.id}</span><${Marks} tip=${tip} /></span>
			<${Gist} tip=${tip} />
			<span class="tip-row-clocks"><${Age} at=${tip.received} /><${Escalation} tip=${tip} /></span>
			<span class="tip-row-foot"><span>${tip.region_name || tip.region}</span>${tip.state === "claimed" && tip.holder ? null : html`<span>${sayState(tip.state)}</span>`}<${Lease} tip=${tip} mine=${isMine(tip)} /></span>
			${problem ? html`<span class="row-problem">${problem}</span>` : null}
		</a>
	</li>`;
}
