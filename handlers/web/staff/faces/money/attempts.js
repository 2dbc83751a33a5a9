/* How an attempt to pay is shown: its state, how sure that is, since when. Within a reward and in the queue of all. */

import { html } from "../../ui/html.js";
import { Age, Id, Money, When } from "../../ui/values.js";
import { say } from "../../words.js";
import { sayName, State } from "./parts.js";

export const ATTEMPT_STATES = ["UNKNOWN", "CREATED", "SENDING", "ACCEPTED", "NEEDS_PAYEE", "PROCESSING", "CANCELLING", "RETURNED", "SUCCEEDED", "FAILED", "CANCELLED"];

/* Since when it is so; what is unknown is so since it was first sent, however often it was asked about. */
export function since(attempt) {
	return attempt.state === "UNKNOWN" ? attempt.sent ?? attempt.changed : attempt.changed;
}

export function Since({ attempt }) {
	return attempt.live ? html`<${Age} at=${since(attempt)} />` : html`<${When} at=${since(attempt)} />`;
}

export const attemptColumns = [
	{ key: "id", word: "money_attempt_of", value: (one) => one.id ?? String(one.number) },
	{ key: "state", word: "money_state", value: (one) => html`<${State} of=${one.state} prefix="money_attempt" />` },
	{ key: "since", word: "money_since", value: (one) => html`<${Since} attempt=${one} />` },
	{ key: "fen", word: "money_amount", numeric: true, value: (one) => html`<${Money} fen=${one.fen} />` },
	{ key: "rail", word: "money_rail", value: (one) => one.rail },
	{ key: "by", word: "money_by", value: (one) => sayName("money_by", one.by) },
	{ key: "queries", word: "money_asked", numeric: true, value: (one) => one.queries },
	{ key: "next", word: "money_next_query", value: (one) => one.next_query ? html`<${When} at=${one.next_query} />` : "–" },
	{ key: "instruction", word: "money_instruction", value: (one) => html`<${Id} of=${one.instruction} />` },
	{ key: "line", word: "money_bank_line", value: (one) => one.line ? html`<a href="/money/statements/${one.line.split(":")[0]}">${one.line}</a>` : say("money_no_line") },
];
