/*
 * The counter: a teller types number and word of a voucher, sees the amount in large figures, pays, and prints the slip.
 * Few words. Number and word are in this page's memory until the next voucher and are kept nowhere.
 */

import { html, useEffect, useRef, useState } from "../../ui/html.js";
import { sayProblem } from "../../ui/notices.js";
import { sayMoney, sayWhen } from "../../ui/values.js";
import { known, say } from "../../words.js";
import { act, ask, isUnsure } from "./calls.js";
import { inGroups } from "./parts.js";

const TRIES = 10;   /* wrong words, then a voucher is locked */
const NUMBER = 12;
const WORD = 8;
const wrong = new Map();   /* number: wrong words that were typed here */

const bare = (text) => text.replace(/[\s-]/g, "").toUpperCase();

/* Groups of four while it is typed; in the middle of the text nothing moves. */
function regroup(event, size, allowed) {
	const input = event.target;

	if (input.selectionStart !== input.value.length)
		return;
	input.value = inGroups(bare(input.value).replace(allowed, "").slice(0, size));
}

function CodeField({ id, word, hint, size, allowed, numeric, fault }) {
	return html`<div class="field"><label for=${id}>${say(word)}</label>
		<span class="hint" id="${id}-hint">${say(hint)}</span>
		${fault ? html`<span class="fault" id="${id}-fault">${say(fault)}</span>` : null}
		<input class="mono money-code" id=${id} name=${id} autocomplete="off" autocapitalize="characters" inputmode=${numeric ? "numeric" : "text"}
			aria-invalid=${fault ? "true" : null} aria-describedby=${fault ? `${id}-hint ${id}-fault` : `${id}-hint`} onInput=${(event) => regroup(event, size, allowed)} /></div>`;
}

/* --- what is said ------------------------------------------------------------------- */

/* The server tells it with the right word alone; before that there are the tries of this screen, so there are at most so many left. */
function sayLeft(number) {
	const left = Math.max(0, TRIES - (wrong.get(number) ?? 0));
	return left > 0 ? say("money_tries_left", { n: left }) : say("money_tries_none");
}

function sayRefused(problem, number) {
	if (isUnsure(problem))
		return say("money_counter_unsure");
	const own = `money_counter_${problem.code}`;
	const text = known(own) ? say(own) : sayProblem("money_counter_look", problem);
	return problem.code === "not_payable" ? `${text} ${sayLeft(number)}` : text;
}

function Refused({ text }) {
	const at = useRef(null);

	useEffect(() => at.current.focus(), [text]);
	return html`<p class="alarm money-big" role="alert" tabindex="-1" ref=${at} id="money-counter-refused">${text}</p>`;
}

/* --- the steps ------------------------------------------------------------------------ */

function faultsOf(number, word) {
	return { number: /^\d{12}$/.test(number) ? "" : "money_number_short", word: word.length === WORD ? "" : "money_word_short" };
}

function Enter({ found }) {
	const form = useRef(null);
	const [faults, find] = useState({});
	const [refused, refuse] = useState("");
	const [busy, setBusy] = useState(false);

	useEffect(() => form.current.querySelector("input").focus(), []);
	async function look(event) {
		event.preventDefault();
		const number = bare(form.current.elements.namedItem("money-number").value);
		const word = bare(form.current.elements.namedItem("money-word").value);
		const now = faultsOf(number, word);

		find(now);
		refuse("");
		if (now.number || now.word) {
			form.current.elements.namedItem(now.number ? "money-number" : "money-word").focus();
			return;
		}
		setBusy(true);
		try {
			found({ number, word, ...await ask("/api/v1/counter/vouchers/lookup", { number, word }) });
		} catch (problem) {
			if (problem.code === "not_payable")
				wrong.set(number, (wrong.get(number) ?? 0) + 1);
			refuse(sayRefused(problem, number));
			setBusy(false);
		}
	}

	return html`${refused ? html`<${Refused} text=${refused} />` : null}
		<form class="form" ref=${form} noValidate autocomplete="off" onSubmit=${look} aria-busy=${busy ? "true" : "false"}>
			<${CodeField} id="money-number" word="money_voucher_number" hint="money_voucher_number_hint" size=${NUMBER} allowed=${/\D/g} numeric fault=${faults.number} />
			<${CodeField} id="money-word" word="money_voucher_word" hint="money_voucher_word_hint" size=${WORD} allowed=${/[^0-9A-Z]/g} fault=${faults.word} />
			<p><button type="submit" class="main money-go" disabled=${busy}>${say("money_counter_look")}</button></p>
		</form>`;
}

function Pay({ voucher, paid, next }) {
	const [refused, refuse] = useState("");
	const [busy, setBusy] = useState(false);
	const at = useRef(null);

	useEffect(() => at.current.focus(), []);
	async function pay() {
		const { number, word, amount_fen } = voucher;

		setBusy(true);
		refuse("");
		try {
			paid(await act("/api/v1/counter/vouchers/redeem", { number, word, amount_fen }));
		} catch (problem) {
			refuse(sayRefused(problem, number));
			setBusy(false);
		}
	}

	return html`<div class="money-pay" tabindex="-1" ref=${at}>
		<p>${say("money_pay_out")}</p>
		<p class="money-sum" id="money-sum">${sayMoney(voucher.amount_fen)}</p>
		<p class=${voucher.tries_left < TRIES ? "alarm" : "hint"} id="money-tries">${voucher.tries_left < TRIES
			? say("money_tries_used", { n: TRIES - voucher.tries_left, left: voucher.tries_left }) : say("money_tries_whole")}</p>
		<p class="hint">${say("money_pay_until", { number: inGroups(voucher.number), when: sayWhen(voucher.expires_ms) })}</p>
		${refused ? html`<${Refused} text=${refused} />` : null}
		<p class="row"><button type="button" class="main money-go" disabled=${busy} onClick=${pay}>${say("money_paid_out", { sum: sayMoney(voucher.amount_fen) })}</button>
			<button type="button" class="quiet money-go" disabled=${busy} onClick=${next}>${say("money_not_paid")}</button></p>
	</div>`;
}

/* What goes with the money; printed on a roll of 58 mm. */
function Slip({ of }) {
	return html`<div class="money-slip" id="money-slip">
		<p>${say("money_slip")}</p>
		<p class="money-sum">${sayMoney(of.amount_fen)}</p>
		<dl>
			<dt>${say("money_voucher_number")}</dt><dd class="mono">${inGroups(of.number)}</dd>
			<dt>${say("money_branch")}</dt><dd>${of.branch}</dd>
			<dt>${say("money_at")}</dt><dd>${sayWhen(of.paid_ms)}</dd>
			<dt>${say("money_record")}</dt><dd>${of.seq}</dd>
		</dl>
	</div>`;
}

function Paid({ of, next }) {
	const at = useRef(null);

	useEffect(() => at.current.focus(), []);
	return html`<div tabindex="-1" ref=${at}>
		<p class="money-agrees money-big" role="status">${say("money_counter_paid")}</p>
		<${Slip} of=${of} />
		<p class="row"><button type="button" class="main money-go" onClick=${() => print()}>${say("money_print")}</button>
			<button type="button" class="money-go" id="money-next" onClick=${next}>${say("money_next_voucher")}</button></p>
	</div>`;
}

export function Counter() {
	const [voucher, find] = useState(null);
	const [paid, pay] = useState(null);

	function next() {
		find(null);
		pay(null);
	}

	return html`<section class="page money-counter">
		<h2 id="money-title">${say("money_counter")}</h2>
		${paid ? html`<${Paid} of=${paid} next=${next} />`
			: voucher ? html`<${Pay} voucher=${voucher} paid=${pay} next=${next} />` : html`<${Enter} found=${find} />`}
	</section>`;
}
