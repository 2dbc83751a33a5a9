/*
 * Persons against persons, as a table that is a heat map, too: how much stands in a cell says its shade as well as its
 * number, and the number leads to the entries.
 */

import { say } from "../../words.js";
import { html } from "../../ui/html.js";
import { entries } from "./parts.js";

const SHADES = 4;

/* pairs: { person, with, n, of: { seqs, records } }. */
export function Matrix({ title, pairs }) {
	const people = [...new Set(pairs.map((pair) => pair.person))].toSorted();
	const others = [...new Set(pairs.map((pair) => pair.with))].toSorted();
	const most = Math.max(...pairs.map((pair) => pair.n), 1);
	const cell = (person, other) => {
		const pair = pairs.find((one) => one.person === person && one.with === other);
		return pair ? html`<td key=${other} class="numeric au-heat-${Math.ceil(SHADES * pair.n / most)}"><a href=${entries(pair.of)} aria-label=${`${person} · ${other}: ${pair.n}`}>${pair.n}</a></td>`
			: html`<td key=${other} class="numeric">·</td>`;
	};

	return html`<div class="table-box" tabindex="0" role="region" aria-label=${title}><table class="au-matrix">
		<caption class="table-caption">${title}</caption>
		<thead><tr><th scope="col">${say("au_person")}</th>${others.map((other) => html`<th key=${other} scope="col" class="numeric">${other}</th>`)}</tr></thead>
		<tbody>${people.map((person) => html`<tr key=${person}><th scope="row">${person}</th>${others.map((other) => cell(person, other))}</tr>`)}</tbody>
	</table></div>`;
}
