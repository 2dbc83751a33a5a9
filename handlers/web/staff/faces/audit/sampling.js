/*
 * Samples that anybody draws again: method, seed and size stand in the address, and the record they are drawn at. Where no
 * seed is given the journal's hash there is put into the address: nobody chose it.
 */

import { get, withQuery } from "../../api.js";
import { setQuery } from "../../router.js";
import { say } from "../../words.js";
import { Filters } from "../../ui/filters.js";
import { html, useEffect } from "../../ui/html.js";
import { Loaded, useLoad } from "../../ui/load.js";
import { Money, sayMoney } from "../../ui/values.js";
import { Behind, Page, Sheet, to, term } from "./parts.js";

const choices = (part, values) => values.map((value) => ({ value, text: term(part, value) }));
const fields = [
	{ name: "method", word: "au_method", kind: "choice", none: "au_preset", get choices() {
		return choices("method", ["mus", "random", "stratified"]);
	} },
	{ name: "of", word: "au_sample_of", kind: "choice", none: "au_preset", get choices() {
		return choices("sample_of", ["paid", "decided"]);
	} },
	{ name: "n", word: "au_sample_n" },
	{ name: "seed", word: "au_seed" },
];

const columns = [
	{ key: "reward", word: "au_reward", value: (row) => row.reward },
	{ key: "case", word: "au_case", value: (row) => row.case },
	{ key: "state", word: "au_state", csv: (row) => row.state, value: (row) => term("state", row.state) },
	{ key: "fen", word: "au_amount", numeric: true, money: true, csv: (row) => row.fen, value: (row) => html`<${Money} fen=${row.fen} />` },
	{ key: "hits", word: "au_times", numeric: true, value: (row) => row.hits },
	{ key: "rank", word: "au_rank", csv: (row) => row.rank || row.point, value: (row) => html`<span class="mono" title=${row.rank}>${row.rank ? row.rank.slice(0, 12) : row.point}</span>` },
	{ key: "records", word: "au_entries", numeric: true, value: (row) => html`<${Behind} of=${row} filter=${{ subject: row.reward }} />` },
];

const strataColumns = [
	{ key: "from", word: "au_from_amount", csv: (row) => row.from_fen, value: (row) => sayMoney(row.from_fen), money: true },
	{ key: "to", word: "au_below_amount", numeric: true, money: true, csv: (row) => row.to_fen, value: (row) => row.to_fen === null ? "–" : sayMoney(row.to_fen) },
	{ key: "rewards", word: "au_rewards", numeric: true, value: (row) => row.rewards },
	{ key: "fen", word: "au_amount", numeric: true, money: true, csv: (row) => row.fen, value: (row) => sayMoney(row.fen) },
	{ key: "taken", word: "au_taken", numeric: true, value: (row) => row.taken },
];

function told(sample) {
	const facts = [
		["au_method", term("method", sample.method)], ["au_seed", html`<span class="mono au-long" id="seed">${sample.seed}</span>`],
		["au_sample_n", sample.n], ["au_population", `${sample.population} · ${sayMoney(sample.population_fen)}`],
		["au_as_of", sample.as_of.seq],
		...sample.interval === null ? [] : [["au_interval", sayMoney(sample.interval)], ["au_start", sample.start]],
	];
	return html`<dl class="au-facts card">${facts.map(([name, value]) => html`<div key=${name}><dt>${say(name)}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function useSeed(sample, query) {
	useEffect(() => {
		if (sample && !query.get("seed"))
			setQuery({ seed: sample.seed, as_of: query.get("as_of") ?? sample.as_of.seq });
	}, [sample, query]);
}

export function Sampling({ route, asOf }) {
	const wish = Object.fromEntries(["method", "of", "n", "seed"].map((name) => [name, route.query.get(name)]));
	const path = withQuery("/api/v1/audit/sample", { ...wish, as_of: asOf });
	const load = useLoad((signal) => get(path, signal), [path], { keep: true });

	useSeed(load.value, route.query);
	return html`<${Page} title=${say("au_sampling")}>
		<${Filters} fields=${fields} />
		<${Loaded} of=${load} what="au_sampling">${(sample) => !wish.seed ? null : html`
			${told(sample)}
			<p class="hint">${term("how", sample.method)}</p>
			${sample.strata.length > 0 ? html`<${Sheet} name="strata" caption=${say("au_strata")} columns=${strataColumns} rows=${sample.strata} of=${(row) => row.from_fen} />` : null}
			<${Sheet} name="sample-${sample.method}-${sample.seed.slice(0, 16)}" caption=${say("au_sample_items", { n: sample.items.length })}
				columns=${columns} rows=${sample.items} of=${(row) => row.reward} keys path=${path}
				href=${(row) => to(`/audit/rewards/${row.reward}`)} empty="au_nothing_to_draw" />`}<//>
	<//>`;
}
