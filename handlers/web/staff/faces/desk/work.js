/*
 * What an officer does: come, claim, act on a tip, say what belongs together. Each asks the server and then sets what the
 * desk knows (store.js); what goes wrong is told by attempt(). No elements here.
 */

import { session } from "../../session.js";
import { say } from "../../words.js";
import { attempt, hush, tell } from "../../ui/notices.js";
import { timeOf } from "../../ui/values.js";
import * as api from "./calls.js";
import { become, desk } from "./store.js";

const CHANGES_WAIT_S = 25;

export function leaseSeconds() {
	return Math.max(1, desk.leaseMinutes) * 60;
}

/* True of a tip that this officer holds now. */
export function isMine(tip) {
	return tip.holder === session.who?.person && tip.state !== "closed";
}

function sorted(tips) {
	return tips.toSorted((a, b) => b.score - a.score || timeOf(a.received) - timeOf(b.received));
}

/* --- coming, and what has changed ------------------------------------------- */

export function arrive() {
	return attempt("queues", async () => {
		const [queues, held, above] = await Promise.all([api.queues(), api.held(), api.escalated()]);

		become({ here: true, queues, above, held: sorted(held) });
	});
}

/* Figures of the queues; what else is shown of them is asked for again by `turn`. itself: because something changed. */
export function refresh({ itself = false } = {}) {
	if (!desk.here || document.hidden)
		return Promise.resolve(true);
	return attempt("queues", async () => {
		become({ queues: await api.queues({ itself }), turn: desk.turn + 1, itself });
	});
}

export function refreshAbove() {
	return attempt("queues", async () => {
		const above = await api.escalated();

		become({ above: above.map((tip) => ({ ...desk.above.find((one) => one.id === tip.id), ...tip })) });
	});
}

const LIVE = ["state", "holder", "lease_until", "escalates_at", "escalates_why", "priority", "score", "region", "region_name"];

/* What rows of a queue tell of tips that were opened before: who holds them by now, and until when. */
export function noteRows(rows) {
	const news = rows.filter((row) => desk.opened.has(row.id) && LIVE.some((name) => (row[name] || null) !== (desk.opened.get(row.id)[name] || null)));

	if (news.length > 0)
		become({ opened: new Map([...desk.opened, ...news.map((row) => [row.id, { ...desk.opened.get(row.id),
			...Object.fromEntries(LIVE.map((name) => [name, row[name]])) }])]) });
}

/* A claim that was broken off may still have been granted. */
export function refreshHeld() {
	return attempt("held", async () => {
		const held = await api.held();
		const ended = desk.held.filter((one) => one.state === "closed" && !held.some((tip) => tip.id === one.id));

		become({ held: sorted([...held, ...ended]) });
	});
}

/* Reasons come from the server in the language that was asked for. */
export async function changeWords() {
	if (!desk.here)
		return;
	await Promise.all([refreshHeld(), refresh()]);
}

/* --- claims ------------------------------------------------------------------ */

function take(tips) {
	const ids = new Set(tips.map((tip) => tip.id));

	become({ held: sorted([...desk.held.filter((tip) => !ids.has(tip.id)), ...tips]) });
}

function isWaiting(queues, region) {
	const digits = region.replace(/(00)+$/, "");
	return queues.some((queue) => queue.waiting > 0 && queue.region.startsWith(digits));
}

/*
 * Until something waits there. The page waits by itself, by what changes and by counts alone: who has gone is signed out
 * all the same, and the audit trail tells of no claim that nobody made.
 */
async function untilWaiting(region, after, signal) {
	for (let next = after; ;) {
		next = (await api.changes(next, CHANGES_WAIT_S, signal)).next;
		if (isWaiting(await api.queues({ itself: true, signal }), region))
			return next;
	}
}

/* Claims at once; who would rather wait, as soon as something is there, unless others are faster. */
async function claimUntil(region, max, wait, signal) {
	for (let after = wait ? (await api.changes(undefined, undefined, signal)).next : ""; ; after = await untilWaiting(region, after, signal)) {
		const tips = await api.claim(region, max, leaseSeconds(), signal);

		if (tips.length > 0 || !wait || signal.aborted)
			return tips;
	}
}

/* The best of a region; the first of them, or null. */
export async function claimNext(region, { name, max, wait }) {
	if (desk.claiming !== null)
		return null;
	const claiming = new AbortController();
	let first = null;

	hush();
	become({ claiming });
	tell(say("waiting_for", { name }));
	const fine = await attempt("claim", async () => {
		const tips = await claimUntil(region, max, wait, claiming.signal);

		take(tips);
		tell(tips.length > 0 ? say("claimed", { n: tips.length }) : say("claimed_none"));
		first = tips[0] ?? null;
	});
	become({ claiming: null });
	if (!fine) {
		tell("");
		if (desk.here)
			await refreshHeld();
	}
	refresh();
	return first;
}

/* That very tip. */
export async function claimThis(id) {
	hush();
	const fine = await attempt("claim", async () => {
		keep(await api.act(id, "claim", { lease_s: leaseSeconds() }));
		tell(say("claimed_this", { id }));
	});

	refresh();
	return fine;
}

/* --- one tip ------------------------------------------------------------------- */

const MINE = ["claimed", "verified", "closed"];

/* The tip as the server gave it, with what an answer leaves out taken from before. */
function keep(after) {
	const opened = new Map(desk.opened);
	const tip = { ...desk.held.find((one) => one.id === after.id), ...opened.get(after.id), ...after };
	const mine = isMine(tip) || (tip.state === "closed" && desk.held.some((one) => one.id === tip.id));

	opened.set(tip.id, tip);
	become({
		opened,
		above: desk.above.map((one) => one.id === tip.id ? { ...one, ...tip } : one),
		held: mine && MINE.includes(tip.state) ? sorted([...desk.held.filter((one) => one.id !== tip.id), tip])
			: desk.held.filter((one) => one.id !== tip.id),
	});
	return tip;
}

/* In another shard a tip has another id. */
function forget(id) {
	become({ opened: new Map([...desk.opened].filter(([one]) => one !== id)), held: desk.held.filter((one) => one.id !== id) });
}

export async function read(id, signal) {
	return keep(await api.tip(id, signal));
}

/* One act on a tip; the tip as it then is. What is refused is thrown: the form it came from tells it. */
export async function perform(tip, action, body) {
	hush();
	const after = await api.act(tip.id, action, body);
	const now = keep(after ?? { ...tip, state: "queued", holder: "", lease_until: null });

	if (now.id !== tip.id)
		forget(tip.id);
	tell(say("done", { what: say(action) }));
	refresh();
	return now;
}
