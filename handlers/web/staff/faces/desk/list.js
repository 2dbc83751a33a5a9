/*
 * A list of rows and the keys in it: j and k move, o opens, c claims, x selects, X selects from the last one to here. The
 * place in it is the row with the focus, or the one that had it last.
 */

import { say } from "../../words.js";
import { html, useEffect, useState } from "../../ui/html.js";
import { bindKeys } from "../../ui/keys.js";
import { attempt } from "../../ui/notices.js";
import { Row } from "./row.js";
import { desk, pick, useDesk } from "./store.js";
import { claimThis } from "./work.js";

let last = null;      /* id of the row that had the focus */
let anchor = null;    /* id of the row that was selected last */

function rowsHere() {
	return [...document.querySelectorAll("#list .tip-row")];
}

function focused() {
	return document.activeElement?.closest("#list .tip-line")?.querySelector(".tip-row") ?? null;
}

/* From the row with the focus; from elsewhere first to where one was. */
function move(by) {
	const rows = rowsHere();
	const at = rows.indexOf(focused());
	const from = at >= 0 ? at + by : rows.findIndex((row) => row.dataset.row === last);
	const to = rows[Math.min(rows.length - 1, Math.max(0, from))];

	if (at === rows.length - 1 && by > 0)
		document.querySelector("#list .more:not(:disabled)")?.click();
	to?.focus();
	to?.scrollIntoView({ block: "nearest" });
	last = to?.dataset.row ?? null;
	return to !== undefined;
}

/* The row that keys mean: with the focus, else the open one. */
function meant() {
	return focused()?.dataset.row ?? rowsHere().find((row) => row.ariaCurrent === "true")?.dataset.row ?? null;
}

function open() {
	const row = focused() ?? rowsHere().find((one) => one.dataset.row === last) ?? rowsHere()[0];

	if (!row)
		return false;
	desk.toFocus = row.dataset.row;
	if (row.ariaCurrent === "true")
		document.getElementById("tip").focus();
	else
		row.click();
	return true;
}

function pickHere(all) {
	const id = focused()?.dataset.row;
	const ids = rowsHere().map((row) => row.dataset.row);

	if (!id || !focused().parentElement.querySelector(".pick"))
		return false;
	const from = all && ids.includes(anchor) ? ids.indexOf(anchor) : ids.indexOf(id);
	const [first, end] = [from, ids.indexOf(id)].toSorted((a, b) => a - b);

	pick(ids.slice(first, end + 1), all || !desk.picked.has(id));
	anchor = id;
	return true;
}

function claimHere() {
	const id = meant();

	if (id)
		claimThis(id);
	return id !== null;
}

const keys = [
	{ keys: "j", word: "key_next", run: () => move(1) },
	{ keys: "k", word: "key_before", run: () => move(-1) },
	{ keys: "o", word: "key_open", run: open },
	{ keys: "u", word: "key_list", run: () => move(0) },
	{ keys: "c", word: "key_claim", run: claimHere },
];
const pickKeys = [
	{ keys: "x", word: "key_pick", run: () => pickHere(false) },
	{ keys: "X", word: "key_pick_to", run: () => pickHere(true) },
];

/* `picks`: rows may be selected. Bound once for a page, however many lists it has. */
export function useListKeys(picks = false) {
	useEffect(() => bindKeys(picks ? [...keys, ...pickKeys] : keys), [picks]);
}

function More({ more, left }) {
	const [busy, become] = useState(false);

	async function ask() {
		become(true);
		await attempt("table_more", more);
		become(false);
	}

	return html`<p><button type="button" class="more" disabled=${busy} onClick=${ask}>${busy ? say("loading")
		: left > 0 ? say("rows_more", { n: left }) : say("table_more")}</button></p>`;
}

/* tips; empty: the word for none; more(): asks for what comes next, `left` how much that is; problems: Map of id and words. */
export function Rows({ id, tips, empty, picks = false, more, left, problems }) {
	const { picked } = useDesk();

	if (tips.length === 0)
		return html`<p class="hint">${say(empty)}</p>`;
	return html`
		<ul id=${id} class="tips">${tips.map((tip) => html`<${Row} key=${tip.id} tip=${tip} picks=${picks} picked=${picked.has(tip.id)} problem=${problems?.get(tip.id)} />`)}</ul>
		${more ? html`<${More} more=${more} left=${left} />` : null}`;
}
