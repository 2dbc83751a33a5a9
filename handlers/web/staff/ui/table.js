/*
 * A table of rows: caption, heads with their scope, figures to the right, a box of its own to scroll in. With `keys` the
 * rows move by j and k, and o opens the one that has the focus.
 */

import { say } from "../words.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { bindKeys } from "./keys.js";
import { attempt } from "./notices.js";

function Head({ columns }) {
	return html`<thead><tr>${columns.map((column) => html`<th key=${column.key} scope="col" class=${column.numeric ? "numeric" : null}>${say(column.word)}</th>`)}</tr></thead>`;
}

/* The first column names the row: the head of the row, and its link. */
function Cell({ column, row, first, href }) {
	const value = column.value(row);
	const look = column.numeric ? "numeric" : null;

	if (first)
		return html`<th scope="row" class=${look}>${href ? html`<a href=${href}>${value}</a>` : value}</th>`;
	return html`<td class=${look}>${value}</td>`;
}

function Row({ columns, row, id, href, mark }) {
	return html`<tr data-row=${id} tabindex="-1" class=${mark}>${columns.map((column, i) => html`<${Cell} key=${column.key} column=${column} row=${row} first=${i === 0} href=${href} />`)}</tr>`;
}

/* figures: { key of a column: what stands there }. */
function Foot({ columns, figures }) {
	return html`<tfoot><tr>${columns.map((column, i) => i === 0
		? html`<th key=${column.key} scope="row">${figures[column.key] ?? say("table_sum")}</th>`
		: html`<td key=${column.key} class=${column.numeric ? "numeric" : null}>${figures[column.key]}</td>`)}</tr></tfoot>`;
}

/* The next row from where the focus is; the first of all from outside. */
function move(table, by) {
	const rows = [...table.querySelectorAll("tbody tr")];
	const at = rows.indexOf(document.activeElement?.closest("tr"));
	const to = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];

	(to?.querySelector("th a") ?? to)?.focus();
	return to !== undefined;
}

function open(table) {
	const row = document.activeElement?.closest("tr");
	const link = row && table.contains(row) ? row.querySelector("th a") : null;

	link?.click();
	return link !== null;
}

function useRowKeys(table, wanted) {
	useEffect(() => !wanted ? undefined : bindKeys([
		{ keys: "j", word: "key_row_next", run: () => move(table.current, 1) },
		{ keys: "k", word: "key_row_before", run: () => move(table.current, -1) },
		{ keys: "o", word: "key_row_open", run: () => open(table.current) },
	]), [wanted]);
}

function More({ more }) {
	const [busy, become] = useState(false);

	async function ask() {
		become(true);
		await attempt("table_more", more);
		become(false);
	}

	return html`<p><button type="button" class="table-more" disabled=${busy} onClick=${ask}>${say(busy ? "loading" : "table_more")}</button></p>`;
}

/*
 * columns: [{ key, word, numeric, value: row => node }], the first names the row; of(row): what a row is known by; href(row): where its first column leads;
 * mark(row): a class of it; foot: { column: node }, a row of sums; empty: the word for no rows; more(): asks for what comes next.
 */
export function Table({ caption, columns, rows, of, href, mark, foot, empty = "table_empty", more, keys = false }) {
	const table = useRef(null);
	const none = rows.length === 0;

	useRowKeys(table, keys && !none);
	if (none)
		return html`<div class="table-none"><p class="table-caption">${caption}</p><p class="hint">${say(empty)}</p></div>`;
	return html`
		<div class="table-box" tabindex="0" role="region" aria-label=${caption}>
			<table ref=${table}>
				<caption class="table-caption">${caption}</caption>
				<${Head} columns=${columns} />
				<tbody>${rows.map((row) => html`<${Row} key=${of(row)} id=${of(row)} columns=${columns} row=${row} href=${href?.(row)} mark=${mark?.(row)} />`)}</tbody>
				${foot ? html`<${Foot} columns=${columns} figures=${foot} />` : null}
			</table>
		</div>
		${more ? html`<${More} more=${more} />` : null}`;
}
