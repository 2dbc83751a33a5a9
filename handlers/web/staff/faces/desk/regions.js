/* A region by its name: what is typed is looked for among the divisions in force, and a choice goes into the field of the form. */

import { say } from "../../words.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { findRegions, whereIs } from "./names.js";

const SHOWN = 8;

function Found({ rows, text, choose }) {
	const found = findRegions(rows, text);
	const names = new Map(rows.map(([code, name]) => [code, name]));

	if (text.trim() === "")
		return null;
	return html`
		<p class="hint" role="status">${found.length === 0 ? say("regions_none") : found.length > SHOWN ? say("regions_many", { n: found.length }) : say("regions_found", { n: found.length })}</p>
		<ul class="found">${found.slice(0, SHOWN).map(([code, name]) => html`<li key=${code}><button type="button" class="quiet" onClick=${() => choose(code, name)}>
			${name} <span class="hint">${whereIs(names, code)} <span class="mono">${code}</span></span></button></li>`)}</ul>`;
}

/* into: id of the input that takes the code. */
export function RegionSearch({ into }) {
	const [text, type] = useState("");
	const load = useLoad(async () => (await import("regions")).default, []);

	function choose(code, name) {
		const input = document.getElementById(into);

		input.value = code;
		input.dispatchEvent(new Event("input", { bubbles: true }));
		type(name);
		input.focus();
	}

	return html`<div class="region-search">
		<label for="region-search">${say("region_search")}</label>
		<input id="region-search" type="search" autocomplete="off" value=${text} onInput=${(event) => type(event.currentTarget.value)} />
		${text.trim() === "" ? null : html`<${Loaded} of=${load} what="region_search">${(rows) => html`<${Found} rows=${rows} text=${text} choose=${choose} />`}<//>`}
	</div>`;
}
