/*
 * The queue of attempts to pay: what nobody knows the outcome of first, the oldest of it on top, with its clock and what
 * may be done; then what is under way, then what is over.
 */

import { route } from "../../router.js";
import { hasRole } from "../../session.js";
import { get, withQuery } from "../../api.js";
import { Dialog } from "../../ui/dialog.js";
import { Filters } from "../../ui/filters.js";
import { Form } from "../../ui/form.js";
import { html, useState } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { tell } from "../../ui/notices.js";
import { Table } from "../../ui/table.js";
import { sayAge, timeOf, useMinute } from "../../ui/values.js";
import { say } from "../../words.js";
import { act } from "./calls.js";
import { ATTEMPT_STATES, attemptColumns, since } from "./attempts.js";
import { sayDone } from "./parts.js";

const MINUTE_MS = 60000;
const DAY_MS = 1440 * MINUTE_MS;

/* When people are told of what is unknown: docs/REWARDS.md. */
const limits = [[25 * DAY_MS, "money_unknown_25d"], [3 * DAY_MS, "money_unknown_72h"], [DAY_MS, "money_unknown_24h"], [15 * MINUTE_MS, "money_unknown_15min"], [0, "money_unknown_new"]];

function rank(attempt) {
	return attempt.state === "UNKNOWN" ? 0 : attempt.live ? 1 : 2;
}

function inOrder(a, b) {
	const later = timeOf(since(a)) - timeOf(since(b));
	return rank(a) - rank(b) || (rank(a) === 2 ? -later : later);
}

function sayMayDo(attempt) {
	if (attempt.state === "UNKNOWN")
		return say(limits.find(([ms]) => Date.now() - timeOf(since(attempt)) >= ms)?.[1] ?? "money_unknown_new");
	return say(`money_then_${attempt.state}`);
}

function Unknown({ of }) {
	useMinute();
	const oldest = of.payouts.filter((one) => one.state === "UNKNOWN").toSorted(inOrder)[0];

	if (of.unknown === 0)
		return html`<p class="money-agrees">${say("money_unknown_none")}</p>`;
	return html`<p class="alarm" id="money-unknown">${say("money_unknown", { n: of.unknown, age: sayAge(oldest ? Date.now() - timeOf(since(oldest)) : of.oldest_unknown_s * 1000) })}</p>`;
}

function Cancel({ attempt, close, again }) {
	async function send(values) {
		tell(sayDone(await act(`/api/v1/payouts/${attempt.id}/cancel`, values), say("money_cancel")));
		close();
		again();
	}

	return html`<${Dialog} title=${say("money_cancel_of", { id: attempt.id })} close=${close}>
		<p>${say("money_cancel_hint")}</p>
		<${Form} id="money-cancel" fields=${[{ name: "reason", word: "money_f_reason", kind: "area", rows: 3, maxlength: 300 }]} submit="money_cancel" send=${send} grave />
	<//>`;
}

function MayDo({ attempt, cancel }) {
	const may = hasRole(["finance"]) && attempt.live && attempt.state !== "CANCELLING";

	return html`${sayMayDo(attempt)} ${may ? html`<button type="button" class="quiet" onClick=${() => cancel(attempt)}>${say("money_cancel")}</button>` : null}`;
}

function Queue({ of, again }) {
	const [cancelling, cancel] = useState(null);
	const [id, state, age, fen, ...rest] = attemptColumns;
	const columns = [id, state, age, fen, { key: "may", word: "money_may_do", value: (one) => html`<${MayDo} attempt=${one} cancel=${cancel} />` }, ...rest];

	useMinute();
	return html`
		<${Table} caption=${say("money_payouts_of", { n: of.payouts.length })} columns=${columns} rows=${of.payouts.toSorted(inOrder)} of=${(one) => one.id}
			href=${(one) => `/money/rewards/${one.reward}`} empty="money_payouts_none" mark=${(one) => one.state === "UNKNOWN" ? "money-differs" : null} keys />
		${cancelling ? html`<${Cancel} attempt=${cancelling} close=${() => cancel(null)} again=${again} />` : null}`;
}

export function Payouts() {
	const state = route.query.get("state");
	const load = useLoad((signal) => get(withQuery("/api/v1/payouts", { state }), signal), [state], { keep: true });

	return html`<section class="page">
		<h2 id="money-title">${say("money_payouts")}</h2>
		<${Filters} fields=${[{ name: "state", word: "money_state", kind: "choice", choices: ATTEMPT_STATES.map((value) => ({ value, text: say(`money_attempt_${value}`) })) }]} />
		<p><button type="button" class="quiet" onClick=${load.again}>${say("money_look_again")}</button></p>
		<${Loaded} of=${load} what="money_payouts">${(of) => html`
			${of.quarantine ? html`<p class="alarm">${say("money_quarantine", { id: of.quarantine })} ${hasRole(["finance"]) ? html`<a href="/money/reconciliation">${say("money_reconciliation")}</a>` : null}</p>` : null}
			<${Unknown} of=${of} />
			<${Queue} of=${of} again=${load.again} />`}<//>
	</section>`;
}
