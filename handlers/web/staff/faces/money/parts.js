/* What several pages of money have: a state said, facts one beneath the other, a digest in groups, who waits for whom. */

import { session } from "../../session.js";
import { html } from "../../ui/html.js";
import { When } from "../../ui/values.js";
import { known, say } from "../../words.js";

const good = ["PAID", "CLOSED", "SUCCEEDED", "resolved", "matched"];
const bad = ["UNKNOWN", "RETURNED", "REVERSED", "FAILED", "suspense", "break"];
const over = ["REJECTED", "WITHDRAWN", "DECLINED", "EXPIRED", "REVOKED", "CANCELLED"];

function look(state) {
	return good.includes(state) ? "good" : bad.includes(state) ? "bad" : over.includes(state) ? "over" : "on";
}

/* The word of a name that the server uses; a name without one stands for itself. */
export function sayName(prefix, name) {
	return known(`${prefix}_${name}`) ? say(`${prefix}_${name}`) : name;
}

export function State({ of, prefix = "money_state" }) {
	return html`<span class="money-state ${look(of)}">${sayName(prefix, of)}</span>`;
}

/* rows: [word, node]; what is null is left out. */
export function Facts({ rows }) {
	return html`<dl class="money-facts">${rows.filter(([, value]) => value !== null && value !== undefined && value !== "").map(([word, value]) =>
		html`<div key=${word}><dt>${say(word)}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/* "50a0 71c1 ...": in groups a person can compare. */
export function inGroups(text, size = 4) {
	return text.match(new RegExp(`.{1,${size}}`, "gu"))?.join(" ") ?? "";
}

export function Digest({ of }) {
	return html`<span class="mono money-digest">${inGroups(of).split(" ").map((group, i) => html`<span key=${i}>${group}</span> `)}</span>`;
}

export function isMe(person) {
	return session.who.person === person;
}

export function fromBook(book) {
	return `/money/ledger/${book}`;
}

/* Of an act of two persons, the first one's part: by oneself it is told, by another it may be agreed to. */
export function Vote({ vote, what, children }) {
	return html`<div class="card money-vote">
		<p><strong>${say(isMe(vote.person) ? "money_vote_mine" : "money_vote_other", { what, person: vote.person })}</strong> <${When} at=${vote.at} /></p>
		${children}
	</div>`;
}

/* After something was done what stood there is gone: the reader is led to the head of the page, where its state stands. */
export function landAtHead() {
	document.getElementById("money-title")?.focus();
}

/* What came of a call: done, or it waits for a second person. */
export function sayDone(answer, what) {
	return say(answer.kind === "vote" ? "money_done_vote" : "money_done", { what, seq: answer.seq });
}
