/*
 * Filters of a page: their values stand in the address, so that what is seen can be kept and given away. A choice holds
 * at once, a text when it is entered or left.
 */

import { route, setQuery } from "../router.js";
import { say } from "../words.js";
import { Control } from "./fields.js";
import { html, useEffect, useId, useRef } from "./html.js";
import { useRoute } from "./use.js";

function valueIn(field) {
	return route.query.get(field.name) ?? "";
}

/* What the address says is what stands there, also after going back; but for what somebody is typing just now. */
function useAddress(form, fields) {
	const said = fields.map(valueIn).join("\n");

	useEffect(() => {
		for (const field of fields) {
			const input = form.current.elements.namedItem(field.name);

			if (field.kind === "check")
				input.checked = valueIn(field) !== "";
			else if (input.value !== valueIn(field) && input !== document.activeElement)
				input.value = valueIn(field);
		}
	}, [said]);
}

/* The value of an input for the address; "" takes it away. */
function asked(input) {
	return input.type === "checkbox" ? (input.checked ? "1" : "") : input.value.trim();
}

function One({ id, field }) {
	const common = { id, name: field.name };

	if (field.kind === "check")
		return html`<span class="check filter"><input type="checkbox" ...${common} /><label for=${id}>${say(field.word)}</label></span>`;
	return html`<span class="filter"><label for=${id}>${say(field.word)}</label>
		<${Control} field=${{ none: "filter_all", ...field, required: false }} common=${common} /></span>`;
}

/* fields as in a form: text, choice, date, region, check. `resets`: names that go when a filter changes (where a list goes on). */
export function Filters({ fields, resets = ["after"], word = "filters" }) {
	const id = useId();
	const form = useRef(null);
	const none = Object.fromEntries(resets.map((name) => [name, null]));

	useRoute();
	useAddress(form, fields);
	function change(event) {
		setQuery({ ...none, [event.target.name]: asked(event.target) });
	}

	function enter(event) {
		event.preventDefault();
		setQuery({ ...none, ...Object.fromEntries(fields.map((field) => [field.name, asked(form.current.elements.namedItem(field.name))])) });
	}

	function clear() {
		setQuery({ ...none, ...Object.fromEntries(fields.map((field) => [field.name, null])) });
	}

	return html`<form class="filters" role="search" aria-label=${say(word)} ref=${form} autocomplete="off" onChange=${change} onSubmit=${enter}>
		${fields.map((field) => html`<${One} key=${field.name} id="${id}-${field.name}" field=${field} />`)}
		<button type="submit">${say("filter_go")}</button>
		${fields.some((field) => valueIn(field) !== "") ? html`<button type="button" class="quiet" onClick=${clear}>${say("filter_clear")}</button>` : null}
	</form>`;
}
