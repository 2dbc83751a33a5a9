/* Every option with its value and where it was set. Secrets are told as set or not. Part by part, as in the manual. */

import { route } from "../../router.js";
import { say } from "../../words.js";
import { Filters } from "../../ui/filters.js";
import { html } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Table } from "../../ui/table.js";
import { configuration } from "./calls.js";
import { Mark } from "./words.js";

const SOURCES = ["file", "command_line", "secret_file", "default"];

function Source({ of }) {
	if (of.source === "file")
		return html`<span class="mono place">${of.file}:${of.line}</span>`;
	return html`<${Mark} as=${of.source === "default" ? "rest" : "well"}>${say(`adm_source_${of.source}`)}<//>`;
}

function Value({ of }) {
	if (of.secret)
		return html`<${Mark} as=${of.set ? "well" : "rest"}>${say(of.set ? "adm_secret_set" : "adm_secret_unset")}<//>`;
	return of.set ? html`<span class="mono value">${of.value}</span>` : html`<span class="hint">${say("adm_empty")}</span>`;
}

const columns = [
	{ key: "key", word: "adm_option", value: (one) => html`<details class="option"><summary class="mono">${one.key}</summary><p class="hint" lang="en">${one.help}</p></details>` },
	{ key: "value", word: "adm_value", value: (one) => html`<${Value} of=${one} />` },
	{ key: "source", word: "adm_source", value: (one) => html`<${Source} of=${one} />` },
	{ key: "preset", word: "adm_preset", value: (one) => one.preset === "" ? html`<span class="hint">${say("adm_empty")}</span>` : html`<span class="mono value">${one.preset}</span>` },
	{ key: "live", word: "adm_takes_effect", value: (one) => say(one.live ? "adm_on_reload" : "adm_on_restart") },
];

const filters = () => [
	{ name: "q", word: "adm_search", kind: "text" },
	{ name: "source", word: "adm_source", kind: "choice", choices: SOURCES.map((source) => ({ value: source, text: say(`adm_source_${source}`) })) },
];

function passes(one) {
	const words = (route.query.get("q") ?? "").toLowerCase();
	const source = route.query.get("source");

	return (words === "" || `${one.key} ${one.value ?? ""}`.toLowerCase().includes(words)) && (!source || one.source === source);
}

export function Configuration() {
	const load = useLoad((signal) => configuration(signal));

	return html`
		<p class="hint">${say("adm_configuration_hint")}</p>
		<${Filters} fields=${filters()} />
		<${Loaded} of=${load}>${({ options }) => html`<${Table} caption=${say("adm_configuration")} columns=${columns} rows=${options.filter(passes)}
			of=${(one) => one.key} empty="adm_nothing_fits" />`}<//>`;
}
