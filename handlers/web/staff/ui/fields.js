/*
 * Fields of forms: how each kind is shown, what may stand in it, and what it is in the request. A row: { name, word, kind,
 * required, hint, value, choices, pattern, min, max, minlength, maxlength, same, autocomplete, when }.
 */

import { known, say } from "../words.js";
import { html } from "./html.js";
import { readMoney } from "./values.js";

/* What an input of that kind is; the rest are made below. */
const inputs = {
	text: {},
	password: { type: "password", autocapitalize: "none" },
	number: { inputmode: "numeric", pattern: "-?[0-9]+" },
	money: { inputmode: "decimal" },
	date: { type: "date" },
	time: { type: "datetime-local" },
	region: { inputmode: "numeric", pattern: "[0-9]{6}", maxlength: 6 },
	code: { inputmode: "numeric", pattern: "[0-9]{6}", maxlength: 6, autocomplete: "one-time-code" },
};

/* Of what a person typed: what the request has; undefined where there is nothing. */
function valueOf(field, text) {
	switch (field.kind) {
	case "check":
		return text === "on";
	case "number":
		return text === "" ? undefined : Number(text);
	case "money":
		return text === "" ? undefined : readMoney(text);
	case "time":
		return text === "" ? undefined : new Date(text).toISOString();
	default:
		return text === "" ? undefined : text;
	}
}

function typed(form, field) {
	const text = String(new FormData(form).get(field.name) ?? "");
	return ["password", "area"].includes(field.kind) ? text : text.trim();
}

/* { name: value } of all that has one. */
export function valuesOf(form, fields) {
	return Object.fromEntries(fields.map((field) => [field.name, valueOf(field, typed(form, field))]).filter(([, value]) => value !== undefined));
}

function numberFault(field, value) {
	if (!Number.isSafeInteger(value))
		return say(field.kind === "money" ? "form_no_money" : "form_no_number");
	if (field.min !== undefined && value < field.min)
		return say("form_least", { n: field.min });
	return field.max !== undefined && value > field.max ? say("form_most", { n: field.max }) : "";
}

function faultOf(field, text) {
	if (text === "")
		return field.required ? say("form_needed") : "";
	if (field.kind === "number" || field.kind === "money")
		return numberFault(field, valueOf(field, text));
	if (field.minlength && [...text].length < field.minlength)
		return say("form_short", { n: field.minlength });
	const pattern = field.pattern ?? inputs[field.kind]?.pattern;
	return pattern && !new RegExp(`^(?:${pattern})$`, "u").test(text) ? say(field.fault ?? "form_malformed") : "";
}

/* A field that repeats another says the same. */
function otherFault(form, field) {
	return field.same && typed(form, field) !== typed(form, { ...field, name: field.same }) ? say("form_differs") : "";
}

/* Map of name and what is wrong with it. */
export function faultsOf(form, fields) {
	return new Map(fields.map((field) => [field.name, faultOf(field, typed(form, field)) || otherFault(form, field)]).filter(([, fault]) => fault !== ""));
}

/* A choice is a value, said by its own name, or { value, text }. */
function Choice({ field, common }) {
	const choices = field.choices.map((choice) => typeof choice === "object" ? choice : { value: choice, text: say(choice) });

	return html`<select ...${common}>
		${field.required && field.value !== undefined ? null : html`<option value="">${say(field.none ?? "form_choose")}</option>`}
		${choices.map(({ value, text }) => html`<option key=${value} value=${value} defaultSelected=${value === field.value}>${text}</option>`)}
	</select>`;
}

export function Control({ field, common }) {
	if (field.kind === "choice")
		return html`<${Choice} field=${field} common=${common} />`;
	if (field.kind === "area")
		return html`<textarea ...${common} rows=${field.rows ?? 4} maxlength=${field.maxlength} defaultValue=${field.value ?? ""}></textarea>`;
	const { pattern, ...kind } = inputs[field.kind ?? "text"];
	return html`<input type="text" ...${common} ...${kind} ...${field.maxlength ? { maxlength: field.maxlength } : {}}
		autocomplete=${field.autocomplete ?? kind.autocomplete ?? "off"} defaultValue=${field.value ?? ""} />`;
}

/* One field with its label, hint and fault. */
export function Field({ id, field, fault }) {
	const hint = field.hint && (known(field.hint) ? say(field.hint) : field.hint);
	const told = [hint ? `${id}-hint` : null, fault ? `${id}-fault` : null].filter(Boolean).join(" ") || null;
	const common = { id, name: field.name, required: field.required === true, "aria-invalid": fault ? "true" : null, "aria-describedby": told };
	const notes = html`${hint ? html`<span class="hint" id="${id}-hint">${hint}</span>` : null}
		${fault ? html`<span class="fault" id="${id}-fault">${fault}</span>` : null}`;

	if (field.kind === "check")
		return html`<div class="field"><span class="check"><input type="checkbox" ...${common} defaultChecked=${field.value === true} />
			<label for=${id}>${say(field.word)}</label></span>${notes}</div>`;
	return html`<div class="field ${field.kind ?? "text"}"><label for=${id}>${say(field.word)}${field.required ? null : html` <span class="hint">${say("form_optional")}</span>`}</label>
		${notes}<${Control} field=${field} common=${common} /></div>`;
}
