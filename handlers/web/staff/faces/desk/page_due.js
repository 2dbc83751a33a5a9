/*
 * What comes next: whose lease ends, what passes to the level above. The server lists by age, and within a priority the
 * oldest pass first; so of each priority the oldest are asked for and put in order here, and the page says so.
 */

import { say } from "../../words.js";
import { session } from "../../session.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { timeOf } from "../../ui/values.js";
import * as api from "./calls.js";
import { Rows, useListKeys } from "./list.js";
import { desk, useDesk, useTurn } from "./store.js";
import { isMine } from "./work.js";

const OF_EACH = 100;
const SHOWN = 100;

/* The next thing that happens to a tip by itself, in Unix milliseconds; null of one to which nothing does. */
export function dueAt(tip) {
	const times = [timeOf(tip.lease_until), timeOf(tip.escalates_at)].filter((ms) => ms !== null);
	return times.length > 0 ? Math.min(...times) : null;
}

/* The soonest first, each once. */
export function dueFirst(tips) {
	const each = new Map(tips.filter((tip) => dueAt(tip) !== null).map((tip) => [tip.id, tip]));
	return [...each.values()].toSorted((a, b) => dueAt(a) - dueAt(b));
}

async function oldest(signal, itself) {
	const pages = await Promise.all(["immediate", "urgent", "standard", "low"].map((priority) =>
		api.rows(session.who.region, { state: "all", order: "age", priority, max: OF_EACH }, signal, { itself })));
	return pages.flatMap((page) => page.tips);
}

export function DuePage() {
	const { held, turn } = useDesk();
	const isItself = useTurn(turn);
	const load = useLoad((signal) => oldest(signal, isItself()), [turn], { keep: true });

	useListKeys();
	return html`
		<h2 id="list-title">${say("page_due")}</h2>
		<p class="hint">${say("due_hint", { n: OF_EACH })}</p>
		<${Loaded} of=${load} what="queues">${(tips) => html`<${Rows} id="due" empty="due_none"
			tips=${dueFirst([...tips.filter((tip) => !isMine(tip)), ...held.filter((tip) => desk.held.includes(tip) && tip.state !== "closed")]).slice(0, SHOWN)} />`}<//>`;
}
