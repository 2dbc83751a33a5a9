/*
 * Many rows at once: those that are selected become copies of the incident of the open tip, or of the oldest of them. Each
 * for itself: what was refused stays selected, with the reason at its row.
 */

import { route } from "../../router.js";
import { known, say } from "../../words.js";
import { html, useState } from "../../ui/html.js";
import { Confirm } from "../../ui/dialog.js";
import { tell } from "../../ui/notices.js";
import { timeOf } from "../../ui/values.js";
import * as api from "./calls.js";
import { hrefOfTip } from "./row.js";
import { become, desk, pick, useDesk } from "./store.js";
import { refresh, refreshHeld } from "./work.js";

const AT_ONCE = 100;   /* as the API takes them */

/* The tip whose incident they are copies of, and the rest of them. */
export function originalOf(rows, open) {
	const oldest = rows.toSorted((a, b) => timeOf(a.received) - timeOf(b.received))[0];
	const original = open ?? oldest?.id ?? null;

	return { original, copies: rows.map((row) => row.id).filter((id) => id !== original) };
}

async function markAll(original, ids) {
	const results = [];

	for (let i = 0; i < ids.length; i += AT_ONCE)
		results.push(...await api.copies(original, ids.slice(i, i + AT_ONCE)));
	return results;
}

/* In the reader's words where there are some; and what became of it before it was refused. */
function whyNot({ code, detail, linked }) {
	const word = `problem_${code}`;
	return [known(word) ? say(word) : null, detail || code, linked ? say("copies_linked") : null].filter(Boolean).join(" · ");
}

/* Those that were refused and are still selected, also where the list does not show them any more. */
export function Refused({ problems }) {
	const { picked } = useDesk();
	const left = [...problems].filter(([id]) => picked.has(id));

	return left.length === 0 ? null : html`<div class="alarm copies-refused" role="alert">
		<p>${say("copies_refused", { n: left.length })}</p>
		<ul>${left.map(([id, why]) => html`<li key=${id}><a class="mono" href=${hrefOfTip(id)}>${id}</a> ${why}</li>`)}</ul>
	</div>`;
}

function Question({ original, ids, close, told }) {
	async function run() {
		const results = await markAll(original, ids);
		const refused = results.filter((one) => !one.done);

		become({ picked: new Set(refused.map((one) => one.tip)) });
		told(new Map(refused.map((one) => [one.tip, whyNot(one)])));
		tell(say("copies_done", { n: results.length - refused.length, refused: refused.length }));
		refresh();
		refreshHeld();
	}

	return html`<${Confirm} title=${say("copies_title", { n: ids.length, id: original })} word="copies_mark" grave=${true} close=${close} run=${run}>
		<p>${say("copies_warning")}</p>
		<ul class="copies-ids mono">${ids.map((id) => html`<li key=${id}>${id}</li>`)}</ul>
	<//>`;
}

/* rows: those of the page; told(Map): why some were refused. */
export function PickBar({ rows, told }) {
	const { picked } = useDesk();
	const [asking, ask] = useState(null);   /* what is asked about, as it was shown: rows come and go meanwhile */
	const shown = rows.filter((row) => picked.has(row.id));
	const { original, copies } = originalOf(shown, route.query.get("tip"));
	const all = rows.length > 0 && shown.length === rows.length;

	return html`<div class="pick-bar">
		<label class="check"><input type="checkbox" id="pick-all" checked=${all} onChange=${(event) => pick(rows.map((row) => row.id), event.currentTarget.checked)} /> ${say("pick_all")}</label>
		${desk.picked.size === 0 ? null : html`
			<span role="status">${say("picked", { n: shown.length })}</span>
			<button type="button" class="quiet" onClick=${() => become({ picked: new Set() })}>${say("pick_none")}</button>
			${copies.length === 0 ? html`<span class="hint">${say("copies_more")}</span>`
				: html`<button type="button" id="copies" onClick=${() => ask({ original, copies })}>${say("copies_of", { n: copies.length, id: original })}</button>`}`}
		${asking ? html`<${Question} original=${asking.original} ids=${asking.copies} close=${() => ask(null)} told=${told} />` : null}
	</div>`;
}
