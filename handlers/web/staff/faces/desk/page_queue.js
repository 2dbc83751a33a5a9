/* The rows of a queue: of a region and all beneath it, as filters in the address say; they follow what changes. */

import { route } from "../../router.js";
import { say } from "../../words.js";
import { html, useEffect, useRef, useState } from "../../ui/html.js";
import { Filters } from "../../ui/filters.js";
import { Loaded } from "../../ui/load.js";
import * as api from "./calls.js";
import { PickBar, Refused } from "./copies.js";
import { Rows, useListKeys } from "./list.js";
import { chosenRegion, nameOf } from "./queues.js";
import { useDesk, useTurn } from "./store.js";
import { noteRows } from "./work.js";

const PAGE = 100;
const PAGE_MAX = 500;   /* as the API gives them */

const filters = [
	{ name: "state", word: "filter_state", kind: "choice", none: "filter_waiting", choices: ["held", "all"].map((value) => ({ value, get text() {
		return say(`filter_${value}`);
	} })) },
	{ name: "order", word: "filter_order", kind: "choice", none: "filter_score", choices: [{ value: "age", get text() {
		return say("filter_age");
	} }] },
	{ name: "priority", word: "filter_priority", kind: "choice", choices: ["immediate", "urgent", "standard", "low"] },
];

/* Rows from the first on, until there are `want` or no more. */
async function readRows(region, asked, want, signal, by) {
	let page = await api.rows(region, { ...asked, max: Math.min(want, PAGE_MAX) }, signal, by);
	const tips = page.tips;

	while (tips.length < want && page.next !== null) {
		page = await api.rows(region, { ...asked, max: Math.min(want - tips.length, PAGE_MAX), after: page.next }, signal, by);
		tips.push(...page.tips);
	}
	return { tips, total: page.total, next: page.next };
}

/* { value: { tips, total, next }, problem, busy, again, more } of a region; asked anew when `turn` grows. */
export function useRows(region, asked, turn) {
	const name = JSON.stringify([region, asked]);
	const [state, become] = useState({ name: "" });
	const [by, again] = useState(0);
	const now = useRef(state);
	const isItself = useTurn(turn);

	now.current = state;
	useEffect(() => {
		const stop = new AbortController();
		const old = now.current.name === name ? now.current.value : undefined;

		become({ name, value: old, problem: null, busy: true });
		readRows(region, asked, Math.max(PAGE, old?.tips.length ?? 0), stop.signal, { itself: isItself() }).then((value) => {
			become({ name, value, problem: null, busy: false });
			noteRows(value.tips);
		}, (problem) => stop.signal.aborted || become({ name, value: old, problem, busy: false }));
		return () => stop.abort();
	}, [name, turn, by]);

	async function more() {
		const { value } = now.current;
		const page = await api.rows(region, { ...asked, max: PAGE, after: value.next });

		if (now.current.name === name)
			become({ ...now.current, value: { tips: [...value.tips, ...page.tips], total: page.total, next: page.next } });
	}

	return { ...(state.name === name ? state : { busy: true, problem: null }), again: () => again((n) => n + 1), more };
}

function asked() {
	return Object.fromEntries(filters.map(({ name }) => [name, route.query.get(name)]).filter(([, value]) => value));
}

export function QueuePage() {
	const { queues, turn } = useDesk();
	const region = chosenRegion();
	const load = useRows(region, asked(), turn);
	const [problems, tellProblems] = useState(new Map());

	useListKeys(true);
	useEffect(() => tellProblems(new Map()), [region]);
	return html`
		<h2 id="list-title">${nameOf(queues, region)} ${load.value?.total > 0 ? html`<span class="count">${say("rows_of", { n: load.value.tips.length, total: load.value.total })}</span>` : null}</h2>
		<${Filters} fields=${filters} resets=${["tip"]} />
		<${Loaded} of=${load} what="queues">${({ tips, total, next }) => html`
			<${Refused} problems=${problems} />
			${tips.length > 0 ? html`<${PickBar} rows=${tips} told=${tellProblems} />` : null}
			<${Rows} id="rows" tips=${tips} picks=${true} empty="rows_none" problems=${problems} more=${next === null ? null : load.more} left=${total === null ? 0 : total - tips.length} />`}<//>`;
}
