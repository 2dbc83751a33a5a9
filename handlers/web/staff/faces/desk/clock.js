/*
 * Clocks that run: how long a lease lasts, and how long until a tip passes to the level above. By the second in the last
 * hour, else by the minute, all by one timer, and none where none is shown. Always in words, colour only beside them.
 */

import { say, sayAge } from "../../words.js";
import { html, useEffect, useState } from "../../ui/html.js";
import { sayWhen, timeOf } from "../../ui/values.js";

const HOUR_MS = 3600000;
const LEASE_SOON_MS = 3 * 60000;
const ESCALATES_SOON_MS = 30 * 60000;
const shown = new Set();   /* { at, draw } */
let timer = 0;
let seconds = 0;

function tick() {
	const now = Date.now();

	seconds++;
	for (const one of shown)
		if (seconds % 60 === 0 || Math.abs(one.at - now) < HOUR_MS)
			one.draw();
}

/* The time now; whoever calls it is drawn again as `at` comes near. */
export function useClock(at) {
	const [, draw] = useState(0);

	useEffect(() => {
		if (at === null)
			return undefined;
		const one = { at, draw: () => draw((n) => n + 1) };

		shown.add(one);
		timer ||= setInterval(tick, 1000);
		return () => {
			shown.delete(one);
			if (shown.size === 0) {
				clearInterval(timer);
				timer = 0;
			}
		};
	}, [at]);
	return Date.now();
}

export function sayClock(ms) {
	const left = Math.max(0, Math.floor(ms / 1000));
	const pad = (n) => String(n).padStart(2, "0");

	return ms >= HOUR_MS ? sayAge(ms) : `${pad(Math.floor(left / 60))}:${pad(left % 60)}`;
}

export function leaseEndsSoon(until, now) {
	return until !== null && until > now && until - now < LEASE_SOON_MS;
}

/* When it passes to the level above if nothing is done. */
export function Escalation({ tip }) {
	const at = timeOf(tip.escalates_at);
	const left = at - useClock(at);

	if (at === null)
		return html`<span class="clock">${say("escalates_not")}</span>`;
	const soon = left < ESCALATES_SOON_MS;
	const text = left > 0 ? say(soon ? "escalates_soon" : "escalates_in", { time: sayClock(left), why: say(tip.escalates_why) })
		: say("escalates_now", { why: say(tip.escalates_why) });
	return html`<span class="clock ${soon ? "soon" : ""}" title=${sayWhen(at)}>${text}</span>`;
}

/* Who holds it and how long yet; nothing of what nobody holds. */
export function Lease({ tip, mine }) {
	const until = timeOf(tip.lease_until);
	const left = until - useClock(until);

	if (!tip.holder || until === null || tip.state === "closed")
		return null;
	const who = mine ? say("held_by_me") : say("held_by", { who: tip.holder });
	const soon = mine && leaseEndsSoon(until, Date.now());
	return html`<span class="lease ${soon ? "soon" : ""}" title=${sayWhen(until)}>${who} · ${left > 0
		? say(soon ? "lease_left_soon" : "lease_left", { time: sayClock(left) }) : say("lease_over")}</span>`;
}
