/*
 * Search: by id among all open tips of one's region (and by a whole id also what is closed); by words among the texts that
 * were opened here, for the server cannot read any. Those words stay here as well: an address stands in the browser's history
 * and goes to the server when it is opened again.
 */

import { route } from "../../router.js";
import { session } from "../../session.js";
import { say } from "../../words.js";
import { html, useId } from "../../ui/html.js";
import { Filters } from "../../ui/filters.js";
import { Loaded } from "../../ui/load.js";
import { Rows, useListKeys } from "./list.js";
import { useRows } from "./page_queue.js";
import { hrefOfTip } from "./row.js";
import { become, desk, useDesk } from "./store.js";

const PREFIX = /^[0-9]{2}(-[0-9A-HJKMNP-TV-Z]{0,10})?$/;
const WHOLE = /^[0-9]{2}-[0-9A-HJKMNP-TV-Z]{10}$/;

const fields = [{ name: "id", word: "search_id", hint: "search_id_hint" }];

/* As ids are written: without blanks, in capitals. */
function idOf(text) {
	return (text ?? "").replace(/\s/g, "").toUpperCase();
}

/* Tips with all of the words, in what was opened or is held here: text, place, messages. */
export function withWords(tips, text) {
	const asked = text.toLowerCase().split(/\s+/).filter(Boolean);
	const within = (tip) => [tip.text, tip.place, tip.when, ...(tip.messages ?? []).map((message) => message.text)].filter(Boolean).join("\n").toLowerCase();

	return asked.length === 0 ? [] : tips.filter((tip) => asked.every((word) => within(tip).includes(word)));
}

function ById({ id, turn }) {
	const load = useRows(session.who.region, { state: "all", id }, turn);

	return html`
		<h3>${say("search_by_id", { id })}</h3>
		${WHOLE.test(id) ? html`<p><a class="mono" href=${hrefOfTip(id)}>${say("search_open", { id })}</a></p>` : null}
		<${Loaded} of=${load} what="page_search">${({ tips, next }) => html`<${Rows} id="found-ids" tips=${tips} empty="search_none" more=${next === null ? null : load.more} />`}<//>`;
}

function Words({ words }) {
	const id = useId();

	function enter(event) {
		event.preventDefault();
		become({ words: event.currentTarget.elements.namedItem("words").value.trim() });
	}

	return html`<form class="filters" role="search" autocomplete="off" onSubmit=${enter}>
		<span class="filter"><label for=${id}>${say("search_words")}</label><input id=${id} name="words" type="text" value=${words} /></span>
		<button type="submit">${say("filter_go")}</button>
	</form>`;
}

function ByWords({ words }) {
	const here = [...new Map([...desk.held, ...desk.above, ...desk.opened.values()].map((tip) => [tip.id, tip])).values()];

	return html`
		<h3>${say("search_by_words", { words, n: here.length })}</h3>
		<${Rows} id="found-words" tips=${withWords(here, words)} empty="search_none" />`;
}

export function SearchPage() {
	const { turn, words } = useDesk();
	const id = idOf(route.query.get("id"));

	useListKeys();
	return html`
		<h2 id="list-title">${say("page_search")}</h2>
		<${Filters} fields=${fields} resets=${["tip"]} word="page_search" />
		<${Words} words=${words} />
		<p class="hint">${say("search_hint")}</p>
		${id === "" ? null : PREFIX.test(id) ? html`<${ById} key=${id} id=${id} turn=${turn} />` : html`<p class="fault" role="alert">${say("search_id_fault")}</p>`}
		${words === "" ? null : html`<${ByWords} words=${words} />`}`;
}
