/*
 * The tip that is open, by the address: what the desk knows of it at once, then all of it from the server (which writes
 * into the audit trail that it was read).
 */

import { go } from "../../router.js";
import { language, say } from "../../words.js";
import { html, useEffect, useRef } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Age } from "../../ui/values.js";
import { Actions } from "./actions.js";
import { Escalation, Lease } from "./clock.js";
import { Facts, Files, Messages, Reasons } from "./facts.js";
import { Incident } from "./incident.js";
import { hrefOfTip, Mark, Priority, sayState } from "./row.js";
import { desk, knownTip, useDesk } from "./store.js";
import { isMine, read, refreshHeld } from "./work.js";

const oneColumn = matchMedia("(max-width: 62rem)");  /* as in desk.css */

function Head({ tip }) {
	return html`<header class="tip-head">
		<h2><span class="mono">${tip.id}</span></h2>
		<button type="button" class="quiet tip-close" onClick=${() => go(hrefOfTip(null))}>${say("tip_close")}</button>
		<p class="tip-head-facts">
			<${Priority} tip=${tip} />
			<span class="state">${sayState(tip.state)}</span>
			${tip.hold ? html`<${Mark} word="legal_hold" />` : null}
			<${Lease} tip=${tip} mine=${isMine(tip)} />
		</p>
		<span class="tip-row-clocks"><${Age} at=${tip.received} />${tip.state === "closed" ? null : html`<${Escalation} tip=${tip} />`}</span>
	</header>`;
}

function words(tip) {
	if (tip.shredded || tip.erased?.includes("text"))
		return html`<p class="hint">${say("erased")}</p>`;
	if (tip.readable === false)
		return html`<p class="hint">${say("incident_sealed")}</p>`;
	return html`<p class="said tip-text" lang=${tip.lang || null}>${tip.text || say("untitled")}</p>`;
}

function Whole({ tip, again }) {
	const told = () => {
		again();
		refreshHeld();
	};

	return html`
		<${Head} tip=${tip} />
		<${Actions} tip=${tip} />
		<section><h3>${say("text")}</h3>${words(tip)}</section>
		<${Incident} key=${tip.id} tip=${tip} told=${told} />
		<${Facts} tip=${tip} />
		<${Reasons} tip=${tip} />
		<${Files} tip=${tip} />
		<${Messages} tip=${tip} />`;
}

export function Tip({ id }) {
	const at = useRef(null);
	const load = useLoad(async (signal) => {
		await read(id, signal);
		return true;
	}, [id, language()], { keep: true });

	useDesk();
	useEffect(() => {
		at.current.scrollTop = 0;
		if (oneColumn.matches || desk.toFocus === id)
			at.current.focus();
		desk.toFocus = null;
	}, [id]);
	const tip = knownTip(id);
	return html`<section id="tip" class="tip" tabindex="-1" ref=${at} aria-label=${say("tip_open", { id })}>
		${tip ? html`<${Whole} tip=${tip} again=${load.again} />` : null}
		${tip && !load.problem ? null : html`<p><a href=${hrefOfTip(null)}>${say("tip_close")}</a></p><${Loaded} of=${{ ...load, value: undefined }} what="tip" />`}
	</section>`;
}
