/*
 * The three columns of the desk, empty: queues with the form to claim, what is held, and the open tip. desk.js finds the
 * parts by their ids and fills them; words stand in data-word.
 */

import { el } from "./view.js";

function word(name, tag = "span") {
	return el(tag, { "data-word": name });
}

function number(id, name, max, value) {
	return el("label", {}, word(name), " ", el("input", { id, type: "number", min: 1, max, value }));
}

function claimForm({ claim, stop }) {
	return el("form", { id: "claim", class: "claim", autocomplete: "off", submit: claim },
		el("p", { id: "claim-region" }),
		el("div", { class: "row" }, number("claim-max", "how_many", 100, 5), number("claim-lease", "lease_minutes", 480, 30)),
		el("label", { class: "check" }, el("input", { id: "claim-wait", type: "checkbox", checked: true }), " ", word("wait_for_new")),
		el("button", { type: "submit", class: "main", id: "claim-go", "data-word": "claim" }),
		el("button", { type: "button", class: "quiet", id: "claim-stop", "data-word": "stop_waiting", hidden: true, click: stop }));
}

function side(acts) {
	return el("nav", { class: "side", "aria-labelledby": "queues-title" },
		el("h2", { id: "queues-title", "data-word": "queues" }),
		el("label", { for: "filter", class: "sr", "data-word": "filter" }),
		el("input", { id: "filter", type: "search", autocomplete: "off", spellcheck: "false", input: acts.filter }),
		el("ul", { id: "queues", class: "queues" }),
		claimForm(acts));
}

function list() {
	return el("section", { class: "list", "aria-labelledby": "held-title" },
		el("h2", { id: "held-title" }, word("held"), " ", el("span", { id: "held-count", class: "count" })),
		el("ul", { id: "tips", class: "tips" }),
		el("p", { id: "tips-none", class: "hint", "data-word": "held_none" }),
		el("div", { id: "above-part", hidden: true },
			el("h2", {}, word("escalated_list"), " ", el("span", { id: "above-count", class: "count" })),
			el("p", { class: "hint", "data-word": "escalated_hint" }),
			el("ul", { id: "above", class: "tips" })));
}

/* acts: { claim, stop, filter }, listeners. */
export function frame(acts) {
	return [side(acts), list(), el("section", { id: "tip", class: "tip", tabindex: "-1" })];
}
