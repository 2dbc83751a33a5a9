/*
 * A form: fields of ui/fields.js, what is wrong told in one place (which takes the focus) and at its field, sent once
 * however often it is pressed, and nothing of it lost when the server refuses.
 */

import { say } from "../words.js";
import { Field, faultsOf, valuesOf } from "./fields.js";
import { html, useEffect, useId, useRef, useState } from "./html.js";
import { sayProblem } from "./notices.js";

/* What stands above: each fault leads to its field. */
function Summary({ id, fields, faults, general }) {
	const at = useRef(null);

	useEffect(() => at.current.focus(), [faults, general]);
	function lead(event, name) {
		event.preventDefault();
		document.getElementById(`${id}-${name}`).focus();
	}

	return html`<div class="alarm form-faults" role="alert" tabindex="-1" ref=${at}>
		${general ? html`<p>${general}</p>` : html`<p>${say("form_faults")}</p>`}
		<ul>${fields.filter((field) => faults.has(field.name)).map((field) => html`<li key=${field.name}>
			<a href="#${id}-${field.name}" onClick=${(event) => lead(event, field.name)}>${say(field.word)}: ${faults.get(field.name)}</a></li>`)}</ul>
	</div>`;
}

/* A refusal as the form tells it: at its field where it names one that is here. */
function refusal(problem, fields, what) {
	const named = fields.find((field) => field.name === problem.field);
	const text = sayProblem(what, problem);

	return { faults: new Map(named ? [[named.name, problem.detail || problem.title]] : []), general: text };
}

const NOTHING = { faults: new Map(), general: "" };

/* The form's doings: what is wrong, whether it is on its way, and sending it. */
function useSending({ form, fields, submit, send, clear, sent, sayRefused }) {
	const [wrong, become] = useState(NOTHING);
	const [busy, setBusy] = useState(false);
	const going = useRef(false);

	async function go(event) {
		event.preventDefault();
		if (going.current)
			return;
		const faults = faultsOf(form.current, fields);

		become(faults.size > 0 ? { faults, general: "" } : NOTHING);
		if (faults.size > 0)
			return;
		going.current = true;
		setBusy(true);
		try {
			await send(valuesOf(form.current, fields));
			if (clear)
				form.current?.reset();
			sent();
		} catch (problem) {
			if (problem.name !== "AbortError")
				become(sayRefused?.(problem) ? { faults: new Map(), general: sayRefused(problem) } : refusal(problem, fields, submit));
		}
		going.current = false;
		setBusy(false);
	}

	return { wrong, busy, go };
}

/*
 * send(values) does it and throws what the server refused. A field with `when` is there while when(values) is true. clear: emptied
 * when it was sent; cancel(): a second button; changed(values): after every change; sayRefused(problem): other words for a refusal.
 */
export function Form({ id, fields, submit, send, clear, cancel, changed, sayRefused, grave = false, children }) {
	const own = useId();
	const form = useRef(null);
	const [values, know] = useState(() => Object.fromEntries(fields.map((field) => [field.name, field.value])));
	const shown = fields.filter((field) => !field.when || field.when(values));
	const { wrong, busy, go } = useSending({ form, fields: shown, submit, send, clear, sent: look, sayRefused });
	const name = id ?? own;

	function look() {
		if (form.current === null)
			return;
		const now = valuesOf(form.current, fields);

		know(now);
		changed?.(now);
	}

	return html`<form class="form" ref=${form} noValidate autocomplete="off" aria-busy=${busy ? "true" : "false"} onSubmit=${go} onInput=${look}>
		${wrong.general || wrong.faults.size > 0 ? html`<${Summary} id=${name} fields=${shown} faults=${wrong.faults} general=${wrong.general} />` : null}
		${shown.map((field) => html`<${Field} key=${field.name} id="${name}-${field.name}" field=${field} fault=${wrong.faults.get(field.name)} />`)}
		${children}
		<p class="row">
			<button type="submit" class="main ${grave ? "grave" : ""}" aria-disabled=${busy ? "true" : null}>${say(submit)}</button>
			${cancel ? html`<button type="button" class="quiet" onClick=${cancel}>${say("cancel")}</button>` : null}
		</p>
	</form>`;
}
