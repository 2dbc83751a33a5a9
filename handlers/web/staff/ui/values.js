/*
 * How values are said: money, times, days, ages, ids. Money is whole fen, reckoned without fractions; times are those
 * of the reader's zone, always with their date. Ages tick once a minute, all by one timer, and none where none is shown.
 */

import { language, say, sayAge } from "../words.js";
import { html } from "./html.js";
import { useTold } from "./told.js";

export { sayAge, sayBytes } from "../words.js";

const MINUTE_MS = 60000;
const NONE = "–";

/* "¥1,234.50" of 123450 fen; a number, a BigInt or its digits. */
export function sayMoney(fen) {
	if (fen === null || fen === undefined || fen === "")
		return NONE;
	const all = BigInt(fen);
	const size = all < 0n ? -all : all;
	const yuan = String(size / 100n).replace(/\B(?=(\d{3})+$)/g, ",");

	return `${all < 0n ? "−" : ""}¥${yuan}.${String(size % 100n).padStart(2, "0")}`;
}

/* Fen of "1234.5", "1,234.50" or "¥ 12"; null of what is no amount or more than a number holds exactly. */
export function readMoney(text) {
	const found = /^\s*([-−]?)\s*[¥￥]?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?\s*$/.exec(text);

	if (!found)
		return null;
	const fen = Number(found[2].replaceAll(",", "") + (found[3] ?? "").padEnd(2, "0"));
	return Number.isSafeInteger(fen) ? (found[1] ? -fen : fen) : null;
}

/* A time of the API, text of RFC 3339 or Unix milliseconds, in milliseconds; null of none. */
export function timeOf(value) {
	const ms = typeof value === "number" ? value : Date.parse(value ?? "");
	return Number.isFinite(ms) ? ms : null;
}

/* Made once for each language: a list of hundreds says as many times. */
const clocks = new Map();

function clockOf(tag) {
	if (!clocks.has(tag))
		clocks.set(tag, new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "short" }));
	return clocks.get(tag);
}

export function sayWhen(value) {
	const ms = timeOf(value);
	return ms === null ? NONE : clockOf(language()).format(ms);
}

/* Of a time, the day it falls on here; of "2026-11-22" that very day, wherever one is. */
export function sayDay(value) {
	const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value ?? "");
	const at = day ? new Date(Number(day[1]), Number(day[2]) - 1, Number(day[3])) : new Date(timeOf(value) ?? Number.NaN);

	return Number.isNaN(at.getTime()) ? NONE : at.toLocaleDateString(language(), { dateStyle: "medium" });
}

/* --- the minute ------------------------------------------------------------- */

const ticked = new Set();
let timer = 0;

function tick() {
	for (const tell of ticked)
		tell();
}

function listen(tell) {
	ticked.add(tell);
	if (timer === 0)
		timer = setInterval(tick, MINUTE_MS);
	return () => {
		ticked.delete(tell);
		if (ticked.size > 0)
			return;
		clearInterval(timer);
		timer = 0;
	};
}

/* Whoever calls it is drawn again every minute; gives the time. */
export function useMinute() {
	useTold(listen);
	return Date.now();
}

/* --- elements --------------------------------------------------------------- */

function machine(value) {
	const ms = timeOf(value);
	return ms === null ? null : new Date(ms).toISOString();
}

export function When({ at }) {
	return html`<time class="when" datetime=${machine(at)}>${sayWhen(at)}</time>`;
}

export function Day({ at }) {
	return html`<time class="when" datetime=${/^\d{4}-\d{2}-\d{2}$/.test(at ?? "") ? at : machine(at)}>${sayDay(at)}</time>`;
}

/* How long ago that was, or how long until it is; the time itself stands in its title. */
export function Age({ at }) {
	const now = useMinute();
	const ms = timeOf(at);

	if (ms === null)
		return NONE;
	return html`<time class="age" datetime=${machine(at)} title=${sayWhen(at)}>${say(ms > now ? "age_until" : "age_since",
		{ age: sayAge(Math.abs(now - ms)) })}</time>`;
}

export function Money({ fen }) {
	return html`<span class="money ${fen < 0 ? "minus" : ""}">${sayMoney(fen)}</span>`;
}

/* An id as it is, in letters of one width; with `href` a link. */
export function Id({ of, href }) {
	const text = html`<span class="mono id">${of}</span>`;
	return href ? html`<a href=${href}>${text}</a>` : text;
}
