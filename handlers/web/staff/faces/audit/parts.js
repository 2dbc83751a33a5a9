/*
 * What the auditor's pages share: addresses that carry the as-of view along, links from a figure down to its entries, and
 * tables that can be taken along as files.
 */

import { call, get, withQuery } from "../../api.js";
import { route } from "../../router.js";
import { known, say } from "../../words.js";
import { html, useState } from "../../ui/html.js";
import { useLoad } from "../../ui/load.js";
import { attempt } from "../../ui/notices.js";
import { Table } from "../../ui/table.js";
import { toCsv, toJson, toJsonl } from "./sheet.js";

/* An address of this face at the same point of time. */
export function to(path, values = {}) {
	return withQuery(path, { ...values, as_of: route.query.get("as_of") });
}

/* The entries behind a figure: those the server names where it names all, else what `filter` finds. */
export function entries({ seqs = [], records = seqs.length, filter = {} }) {
	return records > 0 && records <= seqs.length ? to("/audit/journal", { ids: seqs.join(",") }) : to("/audit/journal", filter);
}

/* How many entries are behind something, as a link to them. */
export function Behind({ of, filter }) {
	const n = of.records ?? of.seqs.length;
	return n === 0 ? "0" : html`<a href=${entries({ ...of, filter })} aria-label=${say("au_entries_n", { n })}>${n}</a>`;
}

/* A word of the face for a value of the API; the value itself where there is none. */
export function term(part, value) {
	const name = `au_${part}_${value}`;
	return known(name) ? say(name) : value;
}

/* A role of staff, or of those who are none: system, claimant. */
export function role(name) {
	return known(`role_${name}`) ? say(`role_${name}`) : term("role", name);
}

export function Page({ title, children }) {
	return html`<section class="page au-page" aria-labelledby="au-title"><h2 id="au-title">${title}</h2>${children}</section>`;
}

/* --- files ------------------------------------------------------------------ */

/* The text as it is. */
export function saveText(text, name, format) {
	save(new Blob([text], { type: types[format] }), fileName(name, format));
}

const types = { csv: "text/csv;charset=utf-8", json: "application/json", jsonl: "application/jsonl" };

function save(blob, name) {
	const href = URL.createObjectURL(blob);
	const link = document.createElement("a");

	Object.assign(link, { href, download: name });
	link.click();
	setTimeout(() => URL.revokeObjectURL(href), 60000);
}

/* The point of time in a file's name, so that two are not confused. */
function fileName(name, format) {
	const asOf = (route.query.get("as_of") ?? "").replace(/[^0-9A-Za-z-]/g, "");
	return `${name}${asOf ? `-${asOf}` : ""}.${format}`;
}

/* Asked for with what one signed in with; a plain link would come without a token. */
function fetchFile(event, path, name) {
	event.preventDefault();
	attempt("au_download", async () => save(await (await call("GET", path)).blob(), name));
}

/* Files that the server makes. */
export function Files({ name, path }) {
	return html`<p class="row au-files"><span class="hint">${say("au_download")}</span>
		${Object.keys(types).map((format) => html`<a key=${format} href=${inFormat(path, format)} download=${fileName(name, format)}
			onClick=${(event) => fetchFile(event, inFormat(path, format), fileName(name, format))}>${format.toUpperCase()}</a>`)}</p>`;
}

function inFormat(path, format) {
	return `${path}${path.includes("?") ? "&" : "?"}format=${format}`;
}

const makers = { csv: toCsv, json: toJson, jsonl: toJsonl };

/* Files of what is shown. */
function OwnFiles({ name, columns, rows }) {
	return html`<p class="row au-files"><span class="hint">${say("au_download")}</span>
		${Object.entries(makers).map(([format, make]) => html`<button key=${format} type="button" class="au-link" aria-label=${`${say("au_download")} ${format.toUpperCase()}`}
			onClick=${() => saveText(make(columns, rows), name, format)}>${format.toUpperCase()}</button>`)}</p>`;
}

/* How a list goes on: `next` of an answer is asked for as `cursor`, until last(answer). */
const behind = { cursor: "after", last: (answer) => answer.next === null };

/*
 * A list that the server gives in pieces, under the name `list`: { load, rows, more }. `rows` are those that came so far, `more` asks
 * for the next ones; undefined when there are none.
 */
export function usePieces(path, values, list, { cursor, last } = behind) {
	const address = withQuery(path, values);
	const load = useLoad((signal) => get(address, signal), [address], { keep: true });
	const [later, add] = useState({ of: null, rows: [], answer: null });
	const own = later.of === load.value ? later : { of: load.value, rows: [], answer: load.value };

	async function more() {
		const answer = await get(withQuery(path, { ...values, [cursor]: own.answer.next }));
		add({ of: own.of, rows: [...own.rows, ...answer[list]], answer });
	}

	return { load, rows: [...load.value?.[list] ?? [], ...own.rows], more: own.answer && !last(own.answer) ? more : undefined };
}

/* Rows that a page shows at once; a file has all. */
const SHOWN = 500;

/* A table with its files. columns as of Table, with csv(row) and money for the files; path: where the server makes them; pieces: rows came so many at a time. */
export function Sheet({ name, columns, rows, path, pieces = false, ...table }) {
	const shown = rows.length > SHOWN && !pieces ? rows.slice(0, SHOWN) : rows;

	return html`<div class="au-sheet">
		<${Table} columns=${columns} rows=${shown} ...${table} />
		${shown !== rows ? html`<p class="hint">${say("au_shown_of", { n: shown.length, all: rows.length })}</p>` : null}
		${path ? html`<${Files} name=${name} path=${path} />` : rows.length > 0 ? html`<${OwnFiles} name=${name} columns=${columns} rows=${rows} />` : null}
	</div>`;
}
